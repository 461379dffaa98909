#!/bin/sh
# After `azd deploy`: subscribes the blob trigger DropArrived to new blobs in landing. Doing it again changes nothing.
# azd gives the variables from the outputs of infra/main.bicep. Needs the Azure CLI, signed in.
set -eu

function_name=DropArrived
: "${AZURE_RESOURCE_GROUP:?is not set: run this through azd (azd deploy, or azd hooks run postdeploy)}"
: "${AZURE_FUNCTION_APP:?is not set: run this through azd (azd deploy, or azd hooks run postdeploy)}"
: "${AZURE_EVENT_TOPIC:?is not set: run this through azd (azd deploy, or azd hooks run postdeploy)}"
: "${API_URL:?is not set: run this through azd (azd deploy, or azd hooks run postdeploy)}"

command -v az >/dev/null 2>&1 || { echo "postdeploy: the Azure CLI (az) is not installed; install it, run 'az login', then 'azd hooks run postdeploy'" >&2; exit 1; }

# The host makes the key when it first starts with the trigger, which can take a few minutes.
key=
tries=0
while [ -z "$key" ]; do
  key=$(az functionapp keys list --resource-group "$AZURE_RESOURCE_GROUP" --name "$AZURE_FUNCTION_APP" --query systemKeys.blobs_extension --output tsv 2>/dev/null || true)
  if [ -z "$key" ]; then
    tries=$((tries + 1))
    if [ "$tries" -ge 30 ]; then
      echo "postdeploy: after 5 minutes $AZURE_FUNCTION_APP has no key blobs_extension: is 'az' signed in to the same subscription, and does the app start (its log stream tells)?" >&2
      exit 1
    fi
    echo "waiting for the Function App to start ($tries)"
    sleep 10
  fi
done

az eventgrid system-topic event-subscription create \
  --resource-group "$AZURE_RESOURCE_GROUP" \
  --system-topic-name "$AZURE_EVENT_TOPIC" \
  --name landing \
  --endpoint-type webhook \
  --endpoint "$API_URL/runtime/webhooks/blobs?functionName=Host.Functions.$function_name&code=$key" \
  --included-event-types Microsoft.Storage.BlobCreated \
  --subject-begins-with /blobServices/default/containers/landing/ \
  --output none

echo "New blobs in landing now start their ingest run."
echo "API: $API_URL"
