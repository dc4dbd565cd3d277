"""Settings: everything that is missing is named at once, and emulator mode cannot reach production."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gather.runtime import discovering
from gather.settings import Settings, SettingsError, settings_from

FUNCTIONS = Path(__file__).parents[1] / "functions"
WHOLE = {
    "GCLOUD_PROJECT": "demo-x",
    "GATHER_PUBLIC_URL": "https://events.example.org/",
    "GATHER_FEED_DOMAIN": "events.example.org",
}


def test_a_whole_environment_is_read() -> None:
    assert settings_from(WHOLE) == Settings(
        project="demo-x",
        public_url="https://events.example.org",
        feed_domain="events.example.org",
        feed_name="Events",
        emulator=False,
    )


def test_every_missing_setting_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        settings_from({})
    for name in ("GCLOUD_PROJECT", "GATHER_PUBLIC_URL", "GATHER_FEED_DOMAIN", "functions/.env"):
        assert name in str(refused.value)


@pytest.mark.parametrize("config", ["{", "[]", '{"projectId": 7}', "{}"])
def test_a_broken_firebase_config_names_the_project_as_missing(config: str) -> None:
    environ = {key: value for key, value in WHOLE.items() if key != "GCLOUD_PROJECT"}
    with pytest.raises(SettingsError, match="GCLOUD_PROJECT"):
        settings_from({**environ, "FIREBASE_CONFIG": config})


def test_the_project_may_come_from_firebase_config() -> None:
    environ = {key: value for key, value in WHOLE.items() if key != "GCLOUD_PROJECT"}
    assert settings_from({**environ, "FIREBASE_CONFIG": '{"projectId": "live"}'}).project == "live"


@pytest.mark.parametrize("url", ["events.example.org", "ftp://x", "https://"])
def test_a_public_url_must_be_one(url: str) -> None:
    with pytest.raises(SettingsError, match="GATHER_PUBLIC_URL is not an http"):
        settings_from({**WHOLE, "GATHER_PUBLIC_URL": url})


def test_emulator_mode_is_refused_on_cloud_run() -> None:
    assert settings_from({**WHOLE, "FUNCTIONS_EMULATOR": "true"}).emulator
    with pytest.raises(SettingsError, match="FUNCTIONS_EMULATOR"):
        settings_from({**WHOLE, "FUNCTIONS_EMULATOR": "true", "K_CONFIGURATION": "gather"})


def test_discovery_needs_no_settings() -> None:
    assert discovering({"ADMIN_PORT": "8081"})
    assert not discovering({})


def test_a_start_without_settings_says_which_are_missing() -> None:
    environ = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "VIRTUAL_ENV"}}
    started = subprocess.run(
        [sys.executable, "-c", "import main"], cwd=FUNCTIONS, env=environ, capture_output=True, text=True, check=False
    )
    assert started.returncode != 0
    assert "GATHER_FEED_DOMAIN is not set" in started.stderr
