"""What to train: a recipe, the settings that matter, and the rest in a fold."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from napari_sharpgan._fields import field_notes
from napari_sharpgan.rendering import DEVICES, choose_device, device_name
from napari_sharpgan.training import DEFAULT_RECIPE, RECIPES, GanConfig
from napari_sharpgan.training.start import fitted
from napari_sharpgan.widgets._form import ConfigForm
from napari_sharpgan.widgets._parts import fold, labeled, note
from napari_sharpgan.widgets._training_process import differences

WORDS = {
    "steps": "Steps",
    "batch_size": "Crops a step",
    "width": "Network width",
    "sharpness_weight": "Sharpness β",
    "discriminator_width": "Width of D (0: same)",
    "contrast": "Contrast λ",
    "seed": "Seed",
    "start": "Start from",
    "validation": "Held out (share)",
    "samples": "Looks at held-out",
    "l1_weight": "L1 weight",
    "ema": "Averaging (EMA)",
    "crop": "Crop (px)",
}
FIRST = ("steps", "batch_size", "width", "sharpness_weight", "contrast", "seed")
REST = tuple(name for name in field_notes(GanConfig) if name not in FIRST)
ABOUT = {
    "sharp-gan": "Our defaults: what measured best",
    "fine-tune": "Goes on from the shipped generator: own tissue in minutes",
    "gan-dist": "The same without the sharpness term",
    "gan-binary": "Without the sharpness term, and the generator sees the binary map only",
    "paper-literal": "The paper to the letter: log loss, no L1 term, batches of 16, rate 1e-4, 500 epochs",
    "pix2pix-sharpness": "pix2pix as published (L1 weight 100, dropout), with the sharpness term",
}

LABEL_WIDTH = 110  # px, so that all rows begin in one line

FIXED = "The settings that this run was begun with; they stay."


class TrainingSettings(QWidget):  # type: ignore[misc]
    """Recipe and forms; choosing a recipe fills the forms."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.crops_per_epoch = 0  # of the data, once it is known
        self.recipes = QComboBox(toolTip="Settings by name; all of them can be changed below")
        for index, name in enumerate(RECIPES):
            self.recipes.addItem(name)
            self.recipes.setItemData(index, ABOUT.get(name, ""), 3)  # Qt.ToolTipRole
        self.recipes.setCurrentText(DEFAULT_RECIPE)
        self.recipes.currentTextChanged.connect(self._take_recipe)
        self.about, self.amount = note(), note()
        config = RECIPES[DEFAULT_RECIPE]
        self.first = ConfigForm(config, only=FIRST, words=WORDS)
        self.rest = ConfigForm(config, only=REST, words=WORDS)
        for form in (self.first, self.rest):
            form.changed.connect(self._after_change)
        self.device = QComboBox(toolTip="Where it trains; auto takes the fastest that this computer has.")
        self.show_devices({"auto": "auto"})
        self.device.activated.connect(self._after_change)
        self.fold = fold(
            "Advanced", self.rest.native, tooltip="All other settings of networks, losses, optimizer."
        )
        self._lay_out()
        self._after_change()

    @property
    def recipe(self) -> str:
        """The recipe that the settings began with."""
        return str(self.recipes.currentText())

    @property
    def config(self) -> GanConfig:
        """The settings as they stand."""
        first = self.first.value
        return replace(self.rest.value, **{name: getattr(first, name) for name in FIRST})

    @property
    def changes(self) -> dict[str, object]:
        """The settings that differ from the recipe."""
        return differences(self.config, _settings_of(self.recipe))

    def show_config(self, config: GanConfig, recipe: str | None = None) -> None:
        """Show settings, and the name of the recipe that they were made from, without a signal."""
        if recipe is not None:
            self.recipes.blockSignals(True)
            self.recipes.setCurrentIndex(max(0, self.recipes.findText(recipe)))
            self.recipes.blockSignals(False)
        self.first.value = self.rest.value = config
        self._say_amount()

    @property
    def place(self) -> str:
        """The device as the command takes it."""
        return str(self.device.currentData())

    def show_devices(self, devices: dict[str, str]) -> None:
        """Offer devices: what the command calls them, and in words."""
        self.device.clear()
        for name, said in devices.items():
            self.device.addItem(said, name)

    def choose(self, recipe: str, device: str) -> None:
        """Take a recipe and a device that were chosen before, where there are such."""
        self.recipes.setCurrentIndex(max(0, self.recipes.findText(recipe or DEFAULT_RECIPE)))
        self.device.setCurrentIndex(max(0, self.device.findData(device)))

    def show_amount(self, crops_per_epoch: int) -> None:
        """Say how many epochs the steps are, for data of so many crops an epoch."""
        self.crops_per_epoch = crops_per_epoch
        self._say_amount()

    def freeze(self, fixed: bool) -> None:
        """Let settings be read only, since a run has begun with them, or free them again."""
        self.recipes.setEnabled(not fixed)
        self.about.setText(FIXED if fixed else ABOUT.get(self.recipe, ""))
        for form in (self.first, self.rest):
            form.native.setEnabled(not fixed)

    def _take_recipe(self, name: str) -> None:
        self.show_config(_settings_of(name))
        self._after_change()

    def _after_change(self, _config: object = None) -> None:
        self.about.setText(ABOUT.get(self.recipe, ""))
        self._say_amount()
        self.changed.emit()

    def _say_amount(self) -> None:
        config = self.config
        crops = config.steps * config.batch_size
        epochs = f" · {crops / self.crops_per_epoch:,.0f} epochs" if self.crops_per_epoch else ""
        self.amount.setText(f"{crops:,} crops of {config.crop} × {config.crop}{epochs}")

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for label in self.first.native.findChildren(QLabel):
            label.setMinimumWidth(LABEL_WIDTH)
        place = labeled("Device", self.device, LABEL_WIDTH)
        recipes = labeled("Recipe", self.recipes, LABEL_WIDTH)
        for part in (recipes, self.about, self.first.native, place, self.amount, self.fold):
            layout.addWidget(part)


def _settings_of(recipe: str) -> GanConfig:
    """Return the settings of a recipe, with the network of the generator that it starts from, if any."""
    return fitted(RECIPES[recipe], {})


def device_choices() -> dict[str, str]:
    """Return the devices of this computer: what the command calls them, and in words; slow the first time."""
    devices = {"auto": f"auto: {device_name(choose_device())}"}
    for name in DEVICES[1:]:
        with suppress(ValueError):
            devices[name] = device_name(choose_device(name))
    return devices
