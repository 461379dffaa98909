using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Access;

/// <summary>Keys in the record store: table <c>apikeys</c>, one partition, row = id. Every process that serves looks there every few seconds.</summary>
public interface IApiKeyStore
{
    /// <summary>All that were ever made, by name, oldest first.</summary>
    Task<IReadOnlyList<ApiKeyRecord>> ListAsync(CancellationToken cancel = default);

    /// <summary>Makes the first key of a name. Throws <see cref="RequestException"/> when the name has a valid one, or scopes or name are not good.</summary>
    Task<NewApiKey> CreateAsync(string name, IReadOnlyList<string> scopes, TimeSpan? lifetime, string by, CancellationToken cancel = default);

    /// <summary>
    /// Makes the next key of a name, with the same scopes; the present one stays valid for <paramref name="overlap"/>. Throws <see cref="RequestException"/> when the name has none, or two already.
    /// </summary>
    Task<NewApiKey> RotateAsync(string name, TimeSpan overlap, TimeSpan? lifetime, string by, CancellationToken cancel = default);

    /// <summary>Revokes a key by its id, or all valid keys of a name. Throws <see cref="RequestException"/> when there is none.</summary>
    Task<IReadOnlyList<ApiKeyRecord>> RevokeAsync(string nameOrId, string by, CancellationToken cancel = default);
}

/// <inheritdoc cref="IApiKeyStore"/>
internal sealed class ApiKeyStore(IRecordStore records, TimeProvider time, IdSource ids) : IApiKeyStore
{
    private const string Table = StoreNames.Tables.ApiKeys;
    private const string Partition = "keys";
    private const int KnownSchema = 1;
    private const int SecretLength = 40;
    private static readonly string[] Scopes = ["predict", "operate", "admin"];

    public async Task<IReadOnlyList<ApiKeyRecord>> ListAsync(CancellationToken cancel = default) =>
        [.. (await ReadAsync(cancel).ConfigureAwait(false)).Select(k => k.Record).OrderBy(k => k.Name, StringComparer.Ordinal).ThenBy(k => k.CreatedAt)];

    public async Task<NewApiKey> CreateAsync(string name, IReadOnlyList<string> scopes, TimeSpan? lifetime, string by, CancellationToken cancel = default)
    {
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')) throw new RequestException($"'{name}' cannot be the name of a key: use letters, digits, - _ and ., at most 64.");
        if (scopes.Count == 0) throw new RequestException($"a key needs a scope. Allowed: {string.Join(", ", Scopes)}.");
        foreach (var scope in scopes) if (!Scopes.Contains(scope)) throw new RequestException($"scope '{scope}' does not exist.{Suggest.Hint(scope, Scopes)}");
        if ((await ValidAsync(name, cancel).ConfigureAwait(false)).Count > 0) throw new RequestException($"'{name}' has a key already. Replace it with 'serverless-ml keys rotate {name}', or choose another name.");
        return await AddAsync(name, [.. scopes.Distinct()], lifetime, by, cancel).ConfigureAwait(false);
    }

    public async Task<NewApiKey> RotateAsync(string name, TimeSpan overlap, TimeSpan? lifetime, string by, CancellationToken cancel = default)
    {
        var valid = await ValidAsync(name, cancel).ConfigureAwait(false);
        if (valid.Count == 0) throw await NoneAsync(name, cancel).ConfigureAwait(false);
        if (valid.Count > 1) throw new RequestException($"'{name}' has two valid keys already ({string.Join(", ", valid.Select(k => k.Record.Id))}). Revoke the one that is not used any more with 'serverless-ml keys revoke ID'.");
        var (old, etag) = valid[0];
        var now = time.GetUtcNow();
        var made = await AddAsync(name, old.Scopes, lifetime ?? old.ExpiresAt - old.CreatedAt, by, cancel).ConfigureAwait(false);
        // Only after the new one is there: whatever breaks off, the caller is never without a key.
        var end = now + overlap;
        if (old.ExpiresAt is not { } expires || expires > end) await ReplaceAsync(old with { ExpiresAt = end }, etag, cancel).ConfigureAwait(false);
        return made;
    }

    public async Task<IReadOnlyList<ApiKeyRecord>> RevokeAsync(string nameOrId, string by, CancellationToken cancel = default)
    {
        var now = time.GetUtcNow();
        var found = (await ReadAsync(cancel).ConfigureAwait(false)).Where(k => (k.Record.Id == nameOrId || k.Record.Name == nameOrId) && k.Record.RevokedAt is null).ToArray();
        // An expired key that is named by its id may be revoked too; by its name only those that still open something are meant.
        var meant = found.Where(k => k.Record.Id == nameOrId || k.Record.StatusAt(now) == KeyStatus.Valid).ToArray();
        if (meant.Length == 0) throw await NoneAsync(nameOrId, cancel).ConfigureAwait(false);
        var revoked = new List<ApiKeyRecord>();
        foreach (var (key, etag) in meant) revoked.Add(await ReplaceAsync(key with { RevokedAt = now, RevokedBy = by }, etag, cancel).ConfigureAwait(false));
        return revoked;
    }

    private async Task<NewApiKey> AddAsync(string name, IReadOnlyList<string> scopes, TimeSpan? lifetime, string by, CancellationToken cancel)
    {
        while (true)
        {
            var id = ids.Next(8);
            var key = $"sml_{id}_{ids.Next(SecretLength)}";
            var now = time.GetUtcNow();
            var record = new ApiKeyRecord
            {
                Id = id, Name = name, Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))), Scopes = scopes, CreatedAt = now, CreatedBy = by, ExpiresAt = now + lifetime,
            };
            if (await records.InsertAsync(Table, Partition, id, JsonSerializer.Serialize(record, ServerlessJson.Options), cancel).ConfigureAwait(false) is not null) return new NewApiKey(record, key);
        }
    }

    private async Task<ApiKeyRecord> ReplaceAsync(ApiKeyRecord key, string etag, CancellationToken cancel) =>
        await records.ReplaceAsync(Table, Partition, key.Id, JsonSerializer.Serialize(key, ServerlessJson.Options), etag, cancel).ConfigureAwait(false) is not null ? key
            : throw new RequestException($"somebody else changed the key '{key.Id}' at the same time. Look with 'serverless-ml keys', and try again.");

    private async Task<List<(ApiKeyRecord Record, string ETag)>> ValidAsync(string name, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        return [.. (await ReadAsync(cancel).ConfigureAwait(false)).Where(k => k.Record.Name == name && k.Record.StatusAt(now) == KeyStatus.Valid)];
    }

    private async Task<RequestException> NoneAsync(string name, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var known = (await ListAsync(cancel).ConfigureAwait(false)).Where(k => k.StatusAt(now) == KeyStatus.Valid).Select(k => k.Name).Distinct();
        return new RequestException($"there is no valid key '{name}'.{Suggest.Hint(name, known)}");
    }

    private async Task<List<(ApiKeyRecord Record, string ETag)>> ReadAsync(CancellationToken cancel)
    {
        var found = new List<(ApiKeyRecord, string)>();
        await foreach (var stored in records.QueryAsync(Table, Partition, cancel: cancel).ConfigureAwait(false))
        {
            var key = JsonSerializer.Deserialize<ApiKeyRecord>(stored.Json, ServerlessJson.Options);
            found.Add(key is { SchemaVersion: <= KnownSchema } ? (key, stored.ETag)
                : throw new EnvironmentException($"the API key '{stored.Row}' was written by a newer version (schemaVersion {key?.SchemaVersion}; this one reads up to {KnownSchema}). Update this installation."));
        }

        return found;
    }
}

public static class AccessServices
{
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.TryAddSingleton<IApiKeyStore, ApiKeyStore>();
        return services;
    }
}
