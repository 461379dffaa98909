using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Local;

/// <summary>
/// The folder of a local store:
/// <code>
/// store.json     which version wrote it
/// objects/       one file for each object, named by its key
/// tmp/           files that are being written, one folder for each process
/// locks/         one file for each group of keys
/// store.db       records and queues (SQLite)
/// </code>
/// </summary>
internal sealed class LocalFolder(string folder, IdSource ids) : IDisposable
{
    private const int Schema = 1;

    private readonly Lock gate = new();
    private ScratchFolder? scratch;

    public string Root { get; } = Path.GetFullPath(folder);

    public string Objects => Path.Combine(Root, "objects");

    public string Locks => Path.Combine(Root, "locks");

    public string Database => Path.Combine(Root, "store.db");

    /// <summary>Makes or checks the folder, once. Throws <see cref="EnvironmentException"/> when it cannot be used, and tries again the next time.</summary>
    public void Open() => Scratch();

    /// <summary>A path for a new file that only this process uses, on the same file system as the objects.</summary>
    public string NewTemporary() => Path.Combine(Scratch().Path, ids.Next(20));

    public void Dispose()
    {
        lock (gate)
        {
            scratch?.Dispose();
            scratch = null;
        }
    }

    private ScratchFolder Scratch()
    {
        if (Volatile.Read(ref scratch) is { } open) return open;
        lock (gate)
        {
            if (scratch is not null) return scratch;
            return Disk.Guard(Root, "open it", () =>
            {
                if (File.Exists(Root))
                {
                    throw new EnvironmentException($"the store's folder '{Root}' cannot be made: a file has that name. "
                        + "Move the file away, or set another folder under storage in serverless.yaml.");
                }

                var temporary = Path.Combine(Root, "tmp");
                foreach (var path in new[] { Root, Objects, Locks }) Directory.CreateDirectory(path);
                var made = ScratchFolder.Create(temporary, ids);
                try
                {
                    CheckVersion(Path.Combine(made.Path, "store.json"));
                }
                catch
                {
                    made.Dispose();
                    throw;
                }

                Volatile.Write(ref scratch, made);
                return made;
            });
        }
    }

    private void CheckVersion(string temporary)
    {
        var path = Path.Combine(Root, "store.json");
        if (!File.Exists(path))
        {
            var current = new StoreFile { SchemaVersion = Schema, WrittenBy = CodeVersion.Current };
            Disk.WriteThrough(temporary, JsonSerializer.SerializeToUtf8Bytes(current, ServerlessJson.Indented));
            if (!Disk.TryMoveNew(temporary, path)) File.Delete(temporary);
        }

        int schema;
        string? writtenBy;
        try
        {
            // Read by hand: at the cold start of a server it is the only JSON that would need the serializer's reflection.
            using var store = JsonDocument.Parse(File.ReadAllBytes(path));
            schema = store.RootElement.GetProperty("schemaVersion").GetInt32();
            writtenBy = store.RootElement.TryGetProperty("writtenBy", out var by) ? by.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new EnvironmentException($"'{path}' is damaged ({e.Message}), so the version of this store is unknown. "
                + "Restore the file from a backup, or use another folder.", e);
        }

        StoreVersion.Check($"the store in '{Root}'", schema, Schema, writtenBy);
    }

    private sealed record StoreFile
    {
        public required int SchemaVersion { get; init; }

        public string? WrittenBy { get; init; }
    }
}
