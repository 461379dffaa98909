# After `azd deploy`: subscribes the blob trigger DropArrived to new blobs in landing. Doing it again changes nothing.
# azd gives the variables from the outputs of infra/main.bicep. Needs the Azure CLI, signed in.
$ErrorActionPreference = 'Stop'

$functionName = 'DropArrived'
foreach ($name in 'AZURE_RESOURCE_GROUP', 'AZURE_FUNCTION_APP', 'AZURE_EVENT_TOPIC', 'API_URL') {
    if (-not [Environment]::GetEnvironmentVariable($name)) {
        throw "postdeploy: $name is not set: run this through azd (azd deploy, or azd hooks run postdeploy)"
    }
}
if (-not (Get-Command az -ErrorAction SilentlyContinue)) {
    throw "postdeploy: the Azure CLI (az) is not installed; install it, run 'az login', then 'azd hooks run postdeploy'"
}

# The host makes the key when it first starts with the trigger, which can take a few minutes.
$key = $null
for ($try = 1; -not $key; $try++) {
    $key = az functionapp keys list --resource-group $env:AZURE_RESOURCE_GROUP --name $env:AZURE_FUNCTION_APP --query systemKeys.blobs_extension --output tsv 2>$null
    if (-not $key) {
        if ($try -gt 30) {
            throw "postdeploy: after 5 minutes $($env:AZURE_FUNCTION_APP) has no key blobs_extension: is 'az' signed in to the same subscription, and does the app start (its log stream tells)?"
        }
        Write-Host "waiting for the Function App to start ($try)"
        Start-Sleep -Seconds 10
    }
}

# az is a batch file on Windows, and cmd would cut the address at "&": the quotes inside keep it whole.
$endpoint = "$($env:API_URL)/runtime/webhooks/blobs?functionName=Host.Functions.$functionName&code=$key"
az eventgrid system-topic event-subscription create `
    --resource-group $env:AZURE_RESOURCE_GROUP `
    --system-topic-name $env:AZURE_EVENT_TOPIC `
    --name landing `
    --endpoint-type webhook `
    --endpoint "`"$endpoint`"" `
    --included-event-types Microsoft.Storage.BlobCreated `
    --subject-begins-with /blobServices/default/containers/landing/ `
    --output none
if ($LASTEXITCODE -ne 0) { throw 'postdeploy: Event Grid refused the subscription (see above)' }

Write-Host 'New blobs in landing now start their ingest run.'
Write-Host "API: $($env:API_URL)"
