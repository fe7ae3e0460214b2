"""The front door: draw digits, train a net on them, ask it, look inside.

Everything here is drawn by whynet itself, so it runs anywhere, offline, in about ten seconds.
"""

from whynet import Conv2D, Dense, Flatten, MaxPooling2D, ReLU, Sequential, load

digits = load("strokes", examples=6000)
unseen = load("strokes", split="test", examples=1000)

net = Sequential(
    [
        Conv2D(8, 5, kernel_initializer="he_normal"),
        ReLU(),
        MaxPooling2D(3),
        Flatten(),
        Dense(64, kernel_initializer="he_normal"),
        ReLU(),
        Dense(10),
    ]
)
print(net.summary())

net.fit(digits.images, digits.known_labels, epochs=4, lr=0.003)

marks = net.evaluate(unseen.images, unseen.known_labels)
print(f"reads {marks.accuracy:.1%} of digits that it has never seen")

for name, value in net.activations(unseen.images[0]).items():
    print(f"{name:16} {value.shape[1:]!s:14} from {value.min():6.2f} to {value.max():5.2f}")
