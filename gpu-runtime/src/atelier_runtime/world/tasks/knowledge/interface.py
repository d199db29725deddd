"""User interfaces from exact trees: a login form, settings, a shop card, a player."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...compose import Composer
from ...rng import Rng
from ..pictures import picture_kind
from .facts import Facts
from .sheet_of_paper import Sheet

_SETTINGS = (("Sound", "Dark mode", "Alerts", "Location", "Updates"), ("声音", "深色模式", "通知", "位置", "更新"))
_FIELDS = (("Name", "Email", "Password", "City", "Phone"), ("用户名", "邮箱", "密码", "城市", "电话"))
_TABS = (("Home", "Search", "Saved", "Profile", "Help"), ("首页", "搜索", "收藏", "我的", "帮助"))
_TITLES = {
    "form": (("Sign in", "Create account", "Contact us"), ("登录", "注册", "联系我们")),
    "settings": (("Settings",), ("设置",)),
    "tabs": (("My app",), ("我的应用",)),
}
_BUTTONS = (("Continue", "Send", "Save"), ("继续", "发送", "保存"))
_FORM_WORDS = {
    "form": ("a form", "表单"),
    "settings": ("a settings screen", "设置页"),
    "tabs": ("an app screen with tabs", "带标签栏的应用界面"),
}


@picture_kind
@dataclass(frozen=True, slots=True)
class Interface:
    """`items` are fields, switches or tabs; `state` is, per item, 1 for on or chosen."""

    kind: ClassVar[str] = "interface"
    form: str
    title: str
    items: tuple[str, ...]
    state: tuple[int, ...]
    button: str
    palette: int

    def paint(self, composer: Composer) -> np.ndarray:
        sheet = Sheet(composer.size_px, self.palette)
        accent = sheet.colours[self.palette % 6]
        card = sheet.mixed(sheet.ink, 0.93)
        sheet.box(0, 0, 100, 100, fill=sheet.mixed(accent, 0.82))
        sheet.box(10.8, 6, 90.8, 97, fill=sheet.mixed(sheet.ink, 0.72), radius=5)
        sheet.box(10, 5, 90, 95, fill=sheet.ground, radius=5)
        {"form": _form, "settings": _settings, "tabs": _tabs}[self.form](sheet, self, accent, card)
        return sheet.pixels()


def _form(sheet: Sheet, ui: Interface, accent: str, card: str) -> None:
    sheet.fitted_text(50, 15, ui.title, 7, 70)
    pitch = min(17.0, 60 / len(ui.items))
    top = 24.0
    for name in ui.items:
        sheet.text(18, top + 1.8, name, 4.4, anchor="lm", fill=sheet.mixed(sheet.ink, 0.25))
        sheet.box(17, top + 4.5, 83, top + pitch - 2.2, fill=card, outline=sheet.mixed(sheet.ink, 0.7), radius=1.6, width=0.3)
        top += pitch
    sheet.box(17, 84, 83, 92, fill=accent, radius=2.4)
    sheet.text(50, 88, ui.button, 5, fill="#ffffff")


def _settings(sheet: Sheet, ui: Interface, accent: str, card: str) -> None:
    sheet.box(10, 5, 90, 21, fill=accent, radius=5)
    sheet.box(10, 15, 90, 21, fill=accent)
    sheet.text(50, 13, ui.title, 7, fill="#ffffff")
    pitch = min(15.0, 66 / len(ui.items))
    for i, (name, on) in enumerate(zip(ui.items, ui.state, strict=True)):
        y = 25 + pitch * (i + 0.5)
        sheet.box(14, y - pitch * 0.43, 86, y + pitch * 0.43, fill=card, radius=1.8)
        sheet.text(18, y, name, 5.6, anchor="lm")
        sheet.box(69, y - 3, 82, y + 3, fill=accent if on else sheet.mixed(sheet.ink, 0.65), radius=3)
        sheet.circle(79 if on else 72, y, 2.4, fill="#ffffff")


def _tabs(sheet: Sheet, ui: Interface, accent: str, card: str) -> None:
    sheet.text(17, 14, ui.title, 7, anchor="lm")
    sheet.box(16, 22, 84, 48, fill=sheet.mixed(accent, 0.45), radius=3)
    sheet.circle(34, 38, 6, fill=sheet.ground)
    sheet.polygon([(46, 46), (62, 28), (78, 46)], sheet.ground)
    for k in range(2):
        sheet.box(16, 53 + 14 * k, 84, 64 + 14 * k, fill=card, radius=2)
        sheet.circle(23, 58.5 + 14 * k, 3.4, fill=sheet.colours[(k + 1) % 6])
        sheet.box(30, 56 + 14 * k, 66 - 8 * k, 58 + 14 * k, fill=sheet.mixed(sheet.ink, 0.55), radius=1)
        sheet.box(30, 60 + 14 * k, 54, 61.6 + 14 * k, fill=sheet.mixed(sheet.ink, 0.75), radius=0.8)
    pitch = 80 / len(ui.items)
    for i, (name, on) in enumerate(zip(ui.items, ui.state, strict=True)):
        x = 10 + pitch * (i + 0.5)
        colour = accent if on else sheet.mixed(sheet.ink, 0.45)
        sheet.box(x - 2, 83, x + 2, 87, fill=colour, radius=1)
        sheet.fitted_text(x, 90.5, name, 4.4, pitch - 1.5, fill=colour)


def sample_interface(rng: Rng, difficulty: int) -> Facts:
    """Difficulty: the number of parts, one to five."""
    form = rng.pick(("form", "settings", "tabs") if difficulty > 1 else ("form", "settings"))
    language = 1 if rng.chance(35) else 0
    pool = {"form": _FIELDS, "settings": _SETTINGS, "tabs": _TABS}[form][language]
    items = tuple(pool[:difficulty] if form == "tabs" else rng.shuffled(pool)[:difficulty])
    chosen = rng.below(len(items))
    state = tuple(int(i == chosen) if form == "tabs" else rng.below(2) if form == "settings" else 0 for i in range(len(items)))
    picture = Interface(form, rng.pick(_TITLES[form][language]), items, state, rng.pick(_BUTTONS[language]), rng.below(24))
    return _facts(rng, picture, difficulty, pool)


def _facts(rng: Rng, ui: Interface, difficulty: int, pool: tuple[str, ...]) -> Facts:
    form, form_zh = _FORM_WORDS[ui.form]
    if ui.form == "form":
        told, told_zh = f'fields {", ".join(ui.items)} and a button "{ui.button}"', f"输入框{'、'.join(ui.items)}，按钮“{ui.button}”"
    elif ui.form == "settings":
        told = ", ".join(f"{name} {'on' if on else 'off'}" for name, on in zip(ui.items, ui.state, strict=True))
        told_zh = "，".join(f"{name}{'开' if on else '关'}" for name, on in zip(ui.items, ui.state, strict=True))
    else:
        name = ui.items[ui.state.index(1)]
        told, told_zh = f"tabs {', '.join(ui.items)}, {name} chosen", f"标签{'、'.join(ui.items)}，选中{name}"
    asked = rng.below(len(ui.items))
    questions = [(f'Is there a part named "{ui.items[asked]}"?', f"有“{ui.items[asked]}”吗？", True, ui.items[asked])]
    absent = [name for name in pool if name not in ui.items] or [{"form": "Fax", "settings": "Radio", "tabs": "Mail"}[ui.form]]
    missing = rng.pick(absent)
    questions.append((f'Is there a part named "{missing}"?', f"有“{missing}”吗？", False, missing))
    if ui.form != "form":
        on = bool(ui.state[asked])
        word, word_zh = ("on", "开着") if ui.form == "settings" else ("chosen", "选中")
        questions.append((f"Is {ui.items[asked]} {word}?", f"{ui.items[asked]}是{word_zh}的吗？", on, ui.items[asked]))
    return Facts(
        picture=ui,
        domain="interface",
        difficulty=difficulty,
        layout=f'interface {ui.form}. "{ui.title}". {told}.',
        en=f'{form} titled "{ui.title}": {told}',
        zh=f"{form_zh}，标题“{ui.title}”：{told_zh}",
        questions=tuple(questions),
    )
