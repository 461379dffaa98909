// Event Grid tells the Function App of new blobs. The subscription itself is made after deployment (hooks/postdeploy), because the key of its webhook exists only then.
param name string
param location string
param tags object
param storageName string

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  properties: {
    source: storage.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

output name string = topic.name
