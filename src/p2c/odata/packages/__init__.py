"""The data packages of Finance and Operations, for servers and clients: zip, manifest and data files, in and out."""
