"""The files of an export as Firestore and its emulators write them: logs of App Engine's entities. Does no I/O."""
