#!/bin/bash
echo warm up
