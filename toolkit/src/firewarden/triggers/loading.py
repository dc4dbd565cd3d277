"""Loading a stranger's functions folder as the production runtime does, and saying so when it fails.

The environment is changed before the code runs, because module-level code reads it; whoever calls this
decides which environment that is.
"""

import importlib.util
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from json import dumps
from pathlib import Path
from types import ModuleType

import flask
from dotenv import dotenv_values

from firewarden.errors import FunctionsLoadError
from firewarden.triggers.manifest import Manifest, read_manifest

ENTRY = "main.py"


def load_manifest(source: Path, *, project: str, environ: MutableMapping[str, str]) -> Manifest:
    """The folder's main.py is run once as module `main`; what it fails with becomes one message.

    `.env`, `.env.<project>` and `.env.local` are read into `environ` first, where they never replace what
    is set. Raises FunctionsLoadError.
    """
    source = source.resolve()
    if not (source / ENTRY).is_file():
        raise FunctionsLoadError(
            f"There is no {ENTRY} in {source}.",
            hint="Name the folder that holds your functions with --source, or set functions.source in firebase.json.",
        )
    for name, value in dotenv(source, project).items():
        environ.setdefault(name, value)
    return read_manifest(_run_main(source), source=source)


def local_environment(environ: Mapping[str, str], *, project: str, firestore: str) -> dict[str, str]:
    """Return what must be put into `environ` before loading, so that functions work against this machine.

    The first four are certain; the rest is set only where the user has not: an Auth emulator of his own,
    his bucket.
    """
    certain = {
        "GCLOUD_PROJECT": project,
        "GOOGLE_CLOUD_PROJECT": project,
        "FUNCTIONS_EMULATOR": "true",
        "FIRESTORE_EMULATOR_HOST": firestore,
    }
    defaults = {
        # With this variable firebase-admin reads ID tokens without verifying their signature, so that
        # clients can act as any user with an unsigned one. Nothing has to listen there: reading a token
        # makes no call. It must never be set in production.
        "FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:9099",
        "FIREBASE_CONFIG": dumps({"projectId": project, "storageBucket": f"{project}.appspot.com"}),
    }
    return certain | {name: value for name, value in defaults.items() if name not in environ}


def dotenv(source: Path, project: str) -> dict[str, str]:
    """Later files win: `.env`, then `.env.<project>`, then `.env.local`, as in the Firebase CLI."""
    values: dict[str, str | None] = {}
    for name in (".env", f".env.{project}", ".env.local"):
        values |= dotenv_values(source / name, interpolate=False)
    return {name: value for name, value in values.items() if value is not None}


def _run_main(source: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("main", source / ENTRY, submodule_search_locations=[str(source)])
    if spec is None or spec.loader is None:
        raise FunctionsLoadError(f"{source / ENTRY} cannot be imported.")
    module = importlib.util.module_from_spec(spec)
    # Appended, not put first, as functions-framework does: a package of the user's that bears the name of
    # an installed one is shadowed here as it would be in production.
    if str(source) not in sys.path:
        sys.path.append(str(source))
    sys.modules["main"] = module
    try:
        with flask.Flask("main").app_context():
            spec.loader.exec_module(module)
    except SystemExit as error:
        raise FunctionsLoadError(
            f"{source / ENTRY} ended the process while it was loaded: {_exit_text(error)}"
        ) from error
    except Exception as error:
        raise FunctionsLoadError(_failure(error, source), hint=_next_step(error)) from error
    return module


def _failure(error: Exception, source: Path) -> str:
    frames = own_frames(error, source)
    # As it was written: a message of several lines names one setting on each.
    what = "".join(traceback.format_exception_only(error)).strip()
    return f"{source / ENTRY} cannot be loaded: {what}" + (f"\n{frames}" if frames else "")


def _next_step(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError):
        return "Install what the functions need into this environment: pip install -r requirements.txt"
    return "Settings can stand in .env or .env.local beside main.py."


def describe(error: BaseException) -> str:
    """Return the exception as Python would head it, on one line."""
    return " ".join("".join(traceback.format_exception_only(error)).split())


def own_frames(error: BaseException, source: Path) -> str:
    """Return the traceback without the frames of installed packages, innermost last; empty if none is left."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_own(Path(frame.filename), source)]
    return "".join(traceback.format_list(frames)).rstrip()


def _is_own(file: Path, source: Path) -> bool:
    # A virtual environment often lies inside the functions folder: `venv` is where the Firebase CLI wants it.
    return file.is_relative_to(source) and "site-packages" not in file.parts


def _exit_text(error: SystemExit) -> str:
    if isinstance(error.code, str):
        return error.code
    return f"exit code {error.code or 0}, without a word"
