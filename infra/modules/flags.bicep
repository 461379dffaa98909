// Where the flags are that rollouts move (docs/rollouts.md): the portal shows and switches them. Identities only; what is deleted can be brought back for a week.
param name string
param location string
param tags object
param identityId string
param principalId string
param principalType string

var dataOwner = '5ae67dd6-50cb-40e7-96ff-dc2bfa4b606b' // App Configuration Data Owner: rollouts are moved by the Function App, not only read

resource store 'Microsoft.AppConfiguration/configurationStores@2024-05-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'standard' }
  properties: {
    disableLocalAuth: true
    softDeleteRetentionInDays: 7
    enablePurgeProtection: false
  }
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: last(split(identityId, '/'))
}

resource forApp 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(store.id, identityId, dataOwner)
  scope: store
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataOwner)
  }
}

// Whoever deploys moves rollouts by the command line.
resource forPerson 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(principalId)) {
  name: guid(store.id, principalId, dataOwner)
  scope: store
  properties: {
    principalId: principalId
    principalType: principalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataOwner)
  }
}

output name string = store.name
