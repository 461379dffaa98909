// The Function App on Flex Consumption: nothing costs while nobody asks. All that it is told stands in its settings, and none of it is a secret.
param token string
param location string
param tags object
param storageName string
param packageContainer string
param insightsName string
param identityId string
param identityClientId string
param signingKey string
param flagStoreName string
param maximumInstances int
param instanceMemory int
param pullsSchedule string
param retrainingSchedule string
param monitoringSchedule string

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'func-${token}'
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemory
        maximumInstanceCount: maximumInstances
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      // The host's own storage, by identity.
      AzureWebJobsStorage__accountName: storage.name
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identityClientId
      // The connection that the blob and queue triggers name: "Storage".
      Storage__blobServiceUri: storage.properties.primaryEndpoints.blob
      Storage__queueServiceUri: storage.properties.primaryEndpoints.queue
      Storage__credential: 'managedidentity'
      Storage__clientId: identityClientId
      // The product's store.
      SERVERLESS_STORAGE_ACCOUNT: storage.name
      AZURE_CLIENT_ID: identityClientId
      // Where the key for signing models is; the identity signs with it in the vault.
      SERVERLESS_SIGNING_KEY: signingKey
      // Name of the App Configuration store with the flags of rollouts; empty: they are an object of the storage account.
      SERVERLESS_APP_CONFIGURATION: flagStoreName
      // Telemetry. Local authentication is off, so this address opens nothing without the identity.
      APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
      // Timers.
      PULLS_SCHEDULE: pullsSchedule
      RETRAINING_SCHEDULE: retrainingSchedule
      MONITORING_SCHEDULE: monitoringSchedule
      // The root belongs to the API, not to the host's welcome page.
      AzureWebJobsDisableHomepage: 'true'
    }
  }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
