"""``op-core init``."""

from op_core.settings import load_settings

ENVIRON = {"OP_MAIN_TOKEN": "not-a-real-token-0000", "OP_MAIN_SECRET": "not-a-real-secret-0000"}


def test_the_file_loads_and_what_comes_next_is_said(cli, tmp_path):
    """The written file is whole once its two variables are set, and three commands follow."""
    ended = cli("init", "--dir", tmp_path / "shop", "--adapter", "custom_store")
    settings = load_settings(tmp_path / "shop" / "op.toml", ENVIRON)

    assert 0 == ended.code
    assert ({}, ["main"]) == (settings.parked, list(settings.stores))
    assert "myshop.op:Shop" == settings.stores["main"].settings["backend"]
    assert [] == [verb for verb in ("doctor", "orders export main", "serve") if f"op-core {verb}" not in ended.out]


def test_two_files_have_two_ids(cli, tmp_path):
    """A store's id is its own, so that two shops never share one."""
    ids = set()
    for name in ("one", "two"):
        said = cli("init", "--dir", tmp_path / name, "--json").json
        ids |= set(load_settings(said["file"], ENVIRON).ids.values())

    assert 2 == len(ids)


def test_a_file_that_is_there_is_left_alone(cli, tmp_path):
    """Nothing is overwritten."""
    (tmp_path / "op.toml").write_text("mine")
    ended = cli("init", "--dir", tmp_path)

    assert (2, "") == (ended.code, ended.out)
    assert "mine" == (tmp_path / "op.toml").read_text()


def test_an_unknown_adapter_names_the_nearest(cli, tmp_path):
    """Who mistypes an adapter is told which there is, and no file is written."""
    ended = cli("init", "--dir", tmp_path, "--adapter", "custom_stor")

    assert 2 == ended.code
    assert "'custom_store'" in ended.err
    assert not (tmp_path / "op.toml").exists()


def test_the_adapters_own_examples_and_defaults_are_filled_in(cli, tmp_path):
    """What must be said stands there as the adapter's author shows it; what may be said, with its default."""
    cli("init", "--dir", tmp_path, "--adapter", "sql_shop")
    lines = (tmp_path / "op.toml").read_text().splitlines()
    first = lines.index("[stores.main.settings]                # the adapter's own") + 1

    assert ['url = { env = "SHOP_URL" }', 'mapping = "shop.toml"', '# lock_timeout = "5 s"'] == lines[first : first + 3]
    assert "# connections = 4" in lines
