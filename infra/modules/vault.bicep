// The key that model versions are signed with (docs/signing.md). It is made in the vault, cannot be exported, and signs only: nobody ever holds its private half.
param name string
param location string
param tags object

var signingKeyName = 'model-signing'

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
  }
}

// A later deployment finds the key and leaves it as it is: versions that were signed stay good.
resource signingKey 'Microsoft.KeyVault/vaults/keys@2023-07-01' = {
  parent: vault
  name: signingKeyName
  properties: {
    kty: 'EC'
    curveName: 'P-256'
    keyOps: ['sign', 'verify']
  }
}

output name string = vault.name
output signingKeyName string = signingKey.name

@description('Without a version. Where the key is, not what it is.')
#disable-next-line no-hardcoded-env-urls // KeyVaultSigner asks for tokens of this cloud only
output signingKeyAddress string = 'https://${name}.vault.azure.net/keys/${signingKeyName}'
