"""Arrays made visible: pictures, pages, animations. Knows nothing of nets or explanations.

colours.py    numbers as colours: ink, signed evidence, activations, what changed
raster.py     pictures of colours: enlarged, framed, marked, captioned, put together, as PNG
"""
