"""Documents and indexes in SQLite: current ones, past versions, snapshots."""

from firewarden.errors import BackupRefused, DataInUse, DataRefused
from firewarden.store.changing import Change
from firewarden.store.checking import faults
from firewarden.store.connection import Durability
from firewarden.store.database import Database, Statistics
from firewarden.store.snapshots import StoreSnapshot
from firewarden.store.store import DATA_FILE, Store

__all__ = [
    "DATA_FILE",
    "BackupRefused",
    "Change",
    "DataInUse",
    "DataRefused",
    "Database",
    "Durability",
    "Statistics",
    "Store",
    "StoreSnapshot",
    "faults",
]
