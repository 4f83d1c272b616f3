"""Names of what lies in a run folder."""

CONFIG = "config.json"  # settings, code, data: written once
CHECKPOINTS = "checkpoints"
LAST = "last.safetensors"  # the generator as it is
RESUME = "last.resume"  # all that a resume needs
BEFORE = "previous.resume"  # the one before
BEST = "best.safetensors"  # the generator to render with
SAMPLES = "samples"
REAL = "real.png"  # the real tissue of the windows that the samples show
MASKS = "masks.png"  # what the generator sees of them
REPORT = "report.html"
