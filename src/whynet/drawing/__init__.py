"""Arrays made visible: pictures, pages, animations. Knows nothing of nets or explanations.

colours.py    numbers as colours: ink, signed evidence, activations, what changed
raster.py     pictures of colours: enlarged, framed, marked, captioned, put together, as PNG
terminal.py   pictures as text for terminals
markup.py     HTML and SVG in the making: what comes from outside is escaped
page.py       one self-contained HTML page
"""
