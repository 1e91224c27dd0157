"""Queries in SQL (`?sql=`): one SELECT, read into a tree and answered as FetchXML is."""
