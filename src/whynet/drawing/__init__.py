"""Arrays made visible: pictures, pages, animations. Knows nothing of nets or explanations.

colours.py    numbers as colours: ink, signed evidence, activations, what changed
raster.py     pictures of colours: enlarged, framed, marked, captioned, put together, as PNG
vector.py     lines, boxes and words that become SVG or a picture
charts.py     curves and bars, made of those
terminal.py   pictures as text for terminals
markup.py     HTML and SVG in the making: what comes from outside is escaped
page.py       one self-contained HTML page
palette.py    colours chosen where a GIF cannot have all
animation.py  pictures one after another, as GIF or HTML
figure.py     pictures, curves and bars as a matplotlib figure (needs ``whynet[plot]``)
"""
