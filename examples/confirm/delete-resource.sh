#!/bin/sh
# Deletes a resource once somebody has typed its name: sh delete-resource.sh orders-eu
set -eu
resource=${1:?name a resource}
: "${COUNTERSIGN:=countersign}" # the command, where it is not on the PATH

if $COUNTERSIGN confirm "Delete resource $resource" --level VERIFY --id "delete-$resource" --requester "${USER:-script}" \
  --details "{\"resource_id\":\"$resource\",\"type\":\"database\"}" --wait >&2; then
  echo "deleted $resource"
else
  echo "kept $resource"
fi
