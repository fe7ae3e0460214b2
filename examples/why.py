"""Why 9 and not 4? Train a net, show it a 9, and let it say what made it one.

Everything here is drawn by whynet itself, so it runs anywhere, offline, in about half a minute. It
leaves a page and a sheet of pictures in the folder that it runs in, or in the one that is named:

    python examples/why.py [FOLDER]
"""

import sys
from pathlib import Path

from whynet import Donors, load, load_preset, why

folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")

digits = load("strokes", examples=20_000)
unseen = load("strokes", split="test", examples=1000)

net = load_preset("lenet").build()
net.fit(digits.images, digits.known_labels, epochs=3, lr=0.003)
donors = Donors.from_data(net, digits.images, digits.known_labels, source=digits.name)

nines = unseen.images[unseen.known_labels == 9]
nine = next(picture for picture in nines if net.predict(picture)[0] == 9)

answer = why(net, nine, rival=4, donors=donors)
print(answer)

answer.to_html(folder / "why-9-not-4.html")
answer.to_png(folder / "why-9-not-4.png")
print(f"wrote why-9-not-4.html and why-9-not-4.png to {folder}, in {answer.seconds:.1f} s")
