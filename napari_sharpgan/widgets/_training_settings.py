"""What to train: a recipe, the settings that matter, and the rest in a fold."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from napari_sharpgan._fields import field_notes
from napari_sharpgan.rendering import DEVICES, choose_device, device_name
from napari_sharpgan.training import DEFAULT_RECIPE
from napari_sharpgan.training.kinds import KINDS, Kind, kind_of
from napari_sharpgan.training.trainer import Config
from napari_sharpgan.widgets._form import ConfigForm
from napari_sharpgan.widgets._parts import fold, labeled, note
from napari_sharpgan.widgets._training_kinds import ABOUT, LOOKS, WORDS
from napari_sharpgan.widgets._training_process import differences

LABEL_WIDTH = 110  # px, so that all rows begin in one line

FIXED = "The settings that this run was begun with; they stay."


class KindForms:
    """The settings of one kind of network in two forms: what matters, and the rest.

    Parameters
    ----------
    kind : Kind
        What is trained.
    """

    def __init__(self, kind: Kind) -> None:
        self._names = LOOKS[kind.name].first
        rest = [name for name in field_notes(kind.config) if name not in self._names]
        config = kind.recipes[kind.default_recipe]
        self.first = ConfigForm(config, only=self._names, words=WORDS)
        self.rest = ConfigForm(config, only=rest, words=WORDS)
        for label in self.first.native.findChildren(QLabel):
            label.setMinimumWidth(LABEL_WIDTH)

    @property
    def value(self) -> Config:
        """The settings that the forms show."""
        first = self.first.value
        config: Config = replace(self.rest.value, **{name: getattr(first, name) for name in self._names})
        return config

    @value.setter
    def value(self, config: Config) -> None:
        self.first.value = self.rest.value = config

    def set_visible(self, visible: bool) -> None:
        """Show or hide both."""
        for form in (self.first, self.rest):
            form.native.setVisible(visible)

    def set_enabled(self, enabled: bool) -> None:
        """Let both be changed, or only be read."""
        for form in (self.first, self.rest):
            form.native.setEnabled(enabled)


class TrainingSettings(QWidget):  # type: ignore[misc]
    """Recipe and forms; choosing a recipe fills the forms, and says whether it is a generator."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.crops_per_epoch = 0  # of the data, once it is known
        self.recipes = QComboBox(toolTip="Settings by name; all of them can be changed below")
        for kind in KINDS.values():
            if self.recipes.count():
                self.recipes.insertSeparator(self.recipes.count())
            for name in kind.recipes:
                self.recipes.addItem(name, kind.name)
                self.recipes.setItemData(self.recipes.count() - 1, ABOUT.get(name, ""), 3)  # Qt.ToolTipRole
        self.recipes.setCurrentText(DEFAULT_RECIPE)
        self.recipes.currentTextChanged.connect(self._take_recipe)
        self.about, self.amount = note(), note()
        self.forms = {kind.name: KindForms(kind) for kind in KINDS.values()}
        for forms in self.forms.values():
            for form in (forms.first, forms.rest):
                form.changed.connect(self._after_change)
        self.device = QComboBox(toolTip="Where it trains; auto takes the fastest that this computer has.")
        self.show_devices({"auto": "auto"})
        self.device.activated.connect(self._after_change)
        self._lay_out()
        self._show_kind()
        self._after_change()

    @property
    def recipe(self) -> str:
        """The recipe that the settings began with."""
        return str(self.recipes.currentText())

    @property
    def kind(self) -> Kind:
        """What is trained."""
        return KINDS[str(self.recipes.currentData())]

    @property
    def first(self) -> ConfigForm[Config]:
        """The settings that matter most of what is trained."""
        return self.forms[self.kind.name].first

    @property
    def rest(self) -> ConfigForm[Config]:
        """All other settings of what is trained."""
        return self.forms[self.kind.name].rest

    @property
    def config(self) -> Config:
        """The settings as they stand."""
        return self.forms[self.kind.name].value

    @property
    def changes(self) -> dict[str, object]:
        """The settings that differ from the recipe."""
        return differences(self.config, self._settings_of(self.recipe))

    def show_config(self, config: Config, recipe: str | None = None) -> None:
        """Show settings, and the name of the recipe that they were made from, without a signal."""
        kind = KINDS[kind_of(config)]
        recipe = recipe if recipe in kind.recipes else None
        if recipe is not None or kind is not self.kind:
            self.recipes.blockSignals(True)
            self.recipes.setCurrentIndex(self.recipes.findText(recipe or kind.default_recipe))
            self.recipes.blockSignals(False)
        self.forms[kind.name].value = config
        self._show_kind()
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

    def prefer(self, kind: str) -> None:
        """Take a recipe of a kind of network, unless it is one already; of none if ``kind`` is empty."""
        if kind and kind != self.kind.name:
            self.recipes.setCurrentText(KINDS[kind].default_recipe)

    def show_amount(self, crops_per_epoch: int) -> None:
        """Say how many epochs the steps are, for data of so many crops an epoch."""
        self.crops_per_epoch = crops_per_epoch
        self._say_amount()

    def freeze(self, fixed: bool) -> None:
        """Let settings be read only, since a run has begun with them, or free them again."""
        self.recipes.setEnabled(not fixed)
        self.about.setText(FIXED if fixed else ABOUT.get(self.recipe, ""))
        for forms in self.forms.values():
            forms.set_enabled(not fixed)

    def _settings_of(self, recipe: str) -> Config:
        """Return the settings of a recipe, with the network that it starts from, if any."""
        config: Config = self.kind.fitted(self.kind.recipes[recipe], {})
        return config

    def _take_recipe(self, name: str) -> None:
        self.show_config(self._settings_of(name))
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

    def _show_kind(self) -> None:
        """Show the forms of what is trained."""
        for name, forms in self.forms.items():
            forms.set_visible(name == self.kind.name)

    def _lay_out(self) -> None:
        layout, rest = QVBoxLayout(self), QVBoxLayout()
        for made in (layout, rest):
            made.setContentsMargins(0, 0, 0, 0)
        advanced = QWidget()
        advanced.setLayout(rest)
        self.fold = fold("Advanced", advanced, tooltip="All other settings of networks, losses, optimizer.")
        place = labeled("Device", self.device, LABEL_WIDTH)
        recipes = labeled("Recipe", self.recipes, LABEL_WIDTH)
        for forms in self.forms.values():
            rest.addWidget(forms.rest.native)
        first = [forms.first.native for forms in self.forms.values()]
        for part in (recipes, self.about, *first, place, self.amount, self.fold):
            layout.addWidget(part)


def device_choices() -> dict[str, str]:
    """Return the devices of this computer: what the command calls them, and in words; slow the first time."""
    devices = {"auto": f"auto: {device_name(choose_device())}"}
    for name in DEVICES[1:]:
        with suppress(ValueError):
            devices[name] = device_name(choose_device(name))
    return devices
