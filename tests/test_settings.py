"""Settings: everything that is missing is named at once, and emulator mode cannot reach production."""

import base64
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
    "GATHER_STRIPE_SECRET_KEY": "sk_test_x",
    "GATHER_STRIPE_WEBHOOK_SECRETS": "whsec_new, whsec_old",
    "GATHER_TICKET_SIGNING_KEY": base64.b64encode(bytes(range(32))).decode(),
    "GATHER_STORAGE_BUCKET": "demo-x.invalid",
}


def test_a_whole_environment_is_read() -> None:
    assert settings_from(WHOLE) == Settings(
        project="demo-x",
        public_url="https://events.example.org",
        feed_domain="events.example.org",
        feed_name="Events",
        emulator=False,
        stripe_secret_key="sk_test_x",
        stripe_webhook_secrets=("whsec_new", "whsec_old"),
        stripe_account=None,
        stripe_api_base=None,
        ticket_signing_key=bytes(range(32)),
        storage_bucket="demo-x.invalid",
    )


def test_every_missing_setting_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        settings_from({})
    for name in ("GCLOUD_PROJECT", *WHOLE, "functions/.env"):
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


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("GATHER_STRIPE_SECRET_KEY", "pk_test_x", "no secret key"),
        ("GATHER_STRIPE_WEBHOOK_SECRETS", "whsec_new,", "no signing secret"),
        ("GATHER_STRIPE_WEBHOOK_SECRETS", "sk_test_x", "no signing secret"),
        ("GATHER_TICKET_SIGNING_KEY", "short", "not 32 bytes"),
        ("GATHER_TICKET_SIGNING_KEY", base64.b64encode(bytes(31)).decode(), "not 32 bytes"),
        ("GATHER_STRIPE_API_BASE", "http://127.0.0.1:1", "outside emulator mode"),
        ("STORAGE_EMULATOR_HOST", "http://127.0.0.1:1", "outside emulator mode"),
    ],
)
def test_a_setting_of_payments_that_cannot_be_one_is_named(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}.*{said}"):
        settings_from({**WHOLE, name: value})


def test_live_money_is_known_by_the_key_and_refused_beside_an_emulator() -> None:
    live = {**WHOLE, "GATHER_STRIPE_SECRET_KEY": "rk_live_x"}
    assert settings_from(live).stripe_livemode
    assert not settings_from(WHOLE).stripe_livemode
    with pytest.raises(SettingsError, match="live key in emulator mode"):
        settings_from({**live, "FUNCTIONS_EMULATOR": "true"})


def test_a_stand_in_for_stripe_is_an_address_in_emulator_mode() -> None:
    local = {**WHOLE, "FUNCTIONS_EMULATOR": "true"}
    assert (
        settings_from({**local, "GATHER_STRIPE_API_BASE": "http://127.0.0.1:1/"}).stripe_api_base
        == "http://127.0.0.1:1"
    )
    with pytest.raises(SettingsError, match="GATHER_STRIPE_API_BASE is not an http"):
        settings_from({**local, "GATHER_STRIPE_API_BASE": "127.0.0.1"})


@pytest.mark.parametrize("host", ["127.0.0.1:9023", "http://127.0.0.1:9023/"])
def test_a_storage_emulator_is_an_address_with_or_without_its_scheme(host: str) -> None:
    local = {**WHOLE, "FUNCTIONS_EMULATOR": "true", "STORAGE_EMULATOR_HOST": host}
    assert settings_from(local).storage_emulator == "http://127.0.0.1:9023"
    assert settings_from(WHOLE).storage_emulator is None


def test_secrets_are_not_in_the_representation() -> None:
    shown = repr(settings_from(WHOLE))
    assert "sk_test_x" not in shown
    assert "whsec_" not in shown
    assert "ticket_signing_key" not in shown


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
