// Everything that Serverless needs on Azure, in one resource group: `azd up` deploys it (docs/azure.md).
targetScope = 'subscription'

@minLength(1)
@maxLength(40)
@description('Name of the environment; part of the names of everything that is made.')
param environmentName string

@minLength(1)
@description('Region. It has to offer Flex Consumption.')
param location string

@description('Object id of the person or pipeline that deploys, who may then put drops into landing. Empty: nobody but the Function App reaches the data.')
param principalId string = ''

@allowed(['User', 'ServicePrincipal'])
@description('What principalId is.')
param principalType string = 'User'

@minValue(0)
@maxValue(146000)
@description('Days during which blobs of data and models can be neither changed nor deleted, by anybody. 0: no such policy. Erasing a person\'s rows has to wait for its end.')
param immutableDays int = 0

@allowed(['appConfiguration', 'storage'])
@description('Where the flags of rollouts are: an App Configuration store, whose portal shows and switches them and which costs by the day, or an object of the storage account.')
param flagStore string = 'appConfiguration'

@minValue(40)
@maxValue(1000)
@description('The most instances that run at once.')
param maximumInstances int = 40

@allowed([2048, 4096])
@description('Memory of an instance in MB: a training needs its window of rows in memory.')
param instanceMemory int = 4096

@description('NCRONTAB, UTC, six fields: how often landing is swept for drops whose event was lost.')
param pullsSchedule string = '0 */5 * * * *'

@description('NCRONTAB, UTC, six fields: how often it is decided which models are due for retraining.')
param retrainingSchedule string = '30 * * * * *'

@description('NCRONTAB, UTC, six fields: how often alerts are looked for and sent.')
param monitoringSchedule string = '45 * * * * *'

var tags = { 'azd-env-name': environmentName }
var token = toLower(uniqueString(subscription().id, environmentName, location))

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: 'st${token}'
    location: location
    tags: tags
    immutableDays: immutableDays
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    token: token
    location: location
    tags: tags
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  scope: group
  params: {
    name: 'kv-${token}'
    location: location
    tags: tags
  }
}

module access 'modules/access.bicep' = {
  name: 'access'
  scope: group
  params: {
    identityName: 'id-${token}'
    location: location
    tags: tags
    storageName: storage.outputs.name
    insightsName: monitoring.outputs.insightsName
    vaultName: vault.outputs.name
    signingKeyName: vault.outputs.signingKeyName
    principalId: principalId
    principalType: principalType
  }
}

module flags 'modules/flags.bicep' = if (flagStore == 'appConfiguration') {
  name: 'flags'
  scope: group
  params: {
    name: 'appcs-${token}'
    location: location
    tags: tags
    identityId: access.outputs.identityId
    principalId: principalId
    principalType: principalType
  }
}

module api 'modules/api.bicep' = {
  name: 'api'
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    storageName: storage.outputs.name
    packageContainer: storage.outputs.packageContainer
    insightsName: monitoring.outputs.insightsName
    identityId: access.outputs.identityId
    identityClientId: access.outputs.identityClientId
    signingKey: vault.outputs.signingKeyAddress
    flagStoreName: flags.?outputs.name ?? ''
    maximumInstances: maximumInstances
    instanceMemory: instanceMemory
    pullsSchedule: pullsSchedule
    retrainingSchedule: retrainingSchedule
    monitoringSchedule: monitoringSchedule
  }
}

module events 'modules/events.bicep' = {
  name: 'events'
  scope: group
  params: {
    name: 'evgt-${token}'
    location: location
    tags: tags
    storageName: storage.outputs.name
  }
}

output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_APP string = api.outputs.name
output AZURE_STORAGE_ACCOUNT string = storage.outputs.name
output AZURE_EVENT_TOPIC string = events.outputs.name
output AZURE_KEY_VAULT string = vault.outputs.name

@description('Name of the App Configuration store; empty when flags are in the storage account.')
output SERVERLESS_APP_CONFIGURATION string = flags.?outputs.name ?? ''

@description('Where the key is that model versions are signed with.')
output SERVERLESS_SIGNING_KEY string = vault.outputs.signingKeyAddress

@description('Where the API answers.')
output API_URL string = api.outputs.url
