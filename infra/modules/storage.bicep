// One account holds the objects, the records and the work queue. Keys are off: whoever comes has an identity and a role.
param name string
param location string
param tags object

@description('Days during which blobs of data and models can be neither changed nor deleted; 0: no such policy.')
param immutableDays int

// The same names as in StoreNames.cs; a test compares the two.
var names = loadJsonContent('../names.json')

// What is written once and never changed.
var writtenOnce = ['data', 'models']

// The code of the Function App, put there at each deployment. No part of the product's store.
var packageContainerName = 'app-package'

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2024-01-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: { enabled: true, days: 14 }
    containerDeleteRetentionPolicy: { enabled: true, days: 14 }
  }
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = [for container in names.containers: {
  parent: blobs
  name: container
  properties: { publicAccess: 'None' }
}]

resource packageContainer 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs
  name: packageContainerName
  properties: { publicAccess: 'None' }
}

resource immutability 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2024-01-01' = [for container in writtenOnce: if (immutableDays > 0) {
  name: '${account.name}/default/${container}/default'
  properties: {
    immutabilityPeriodSinceCreationInDays: immutableDays
    allowProtectedAppendWrites: false
  }
  dependsOn: [containers]
}]

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2024-01-01' = {
  parent: account
  name: 'default'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2024-01-01' = [for queue in names.queues: {
  parent: queueService
  name: queue
}]

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2024-01-01' = {
  parent: account
  name: 'default'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices/tables@2024-01-01' = [for table in names.tables: {
  parent: tableService
  name: table
}]

// Old versions of blobs are kept for 30 days after they were replaced: by then, erased rows are gone for good (docs/erasure.md).
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2024-01-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'old-versions'
          type: 'Lifecycle'
          enabled: true
          definition: {
            filters: { blobTypes: ['blockBlob'] }
            actions: { version: { delete: { daysAfterCreationGreaterThan: 30 } } }
          }
        }
      ]
    }
  }
  dependsOn: [blobs]
}

output name string = account.name
output packageContainer string = packageContainerName
