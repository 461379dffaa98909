using System.Text.Json;
using System.Text.RegularExpressions;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Tracking;

/// <summary>Notes and tags in the record store: table <c>runnotes</c>, partition = kind of run, row = run.</summary>
internal sealed partial class RunNotesStore(IRecordStore records)
{
    private const string Table = StoreNames.Tables.RunNotes;
    private const int KnownSchema = 1;
    private const int MostTags = 50;
    private const int MostNotes = 200;

    public async Task<RunNotes> FindAsync(string kind, string run, CancellationToken cancel) =>
        await records.GetAsync(Table, kind, run, cancel) is { } stored ? Read(stored) : new RunNotes();

    /// <summary>All that were written about runs of a kind, by run.</summary>
    public async Task<IReadOnlyDictionary<string, RunNotes>> OfKindAsync(string kind, CancellationToken cancel)
    {
        var found = new Dictionary<string, RunNotes>(StringComparer.Ordinal);
        await foreach (var stored in records.QueryAsync(Table, kind, cancel: cancel)) found[stored.Row] = Read(stored);
        return found;
    }

    public Task<RunNotes> NoteAsync(string kind, string run, RunNote note, CancellationToken cancel)
    {
        if (string.IsNullOrWhiteSpace(note.Text)) throw new RequestException("a note needs a text.");
        if (note.Text.Length > 4000) throw new RequestException($"a note has at most 4,000 characters, not {note.Text.Length}.");
        return ChangeAsync(kind, run, n => n.Notes.Count < MostNotes ? n with { Notes = [.. n.Notes, note] } : throw new RequestException($"run '{run}' has {MostNotes} notes already."), cancel);
    }

    /// <param name="changes">Null as the value takes the tag away.</param>
    public Task<RunNotes> TagAsync(string kind, string run, IReadOnlyDictionary<string, string?> changes, CancellationToken cancel)
    {
        foreach (var (key, value) in changes)
        {
            if (!Key().IsMatch(key)) throw new RequestException($"'{key}' cannot be a tag: use letters, digits, _ . / and -, at most 64, beginning with a letter or digit.");
            if (value?.Length > 500) throw new RequestException($"the value of a tag has at most 500 characters, not {value.Length}.");
        }

        return ChangeAsync(kind, run, n =>
        {
            var tags = new SortedDictionary<string, string>(n.Tags.ToDictionary(), StringComparer.Ordinal);
            foreach (var (key, value) in changes)
            {
                if (value is null) tags.Remove(key);
                else tags[key] = value;
            }

            return tags.Count <= MostTags ? n with { Tags = tags } : throw new RequestException($"run '{run}' would have {tags.Count} tags; at most {MostTags} are kept.");
        }, cancel);
    }

    private async Task<RunNotes> ChangeAsync(string kind, string run, Func<RunNotes, RunNotes> change, CancellationToken cancel)
    {
        while (true)
        {
            var stored = await records.GetAsync(Table, kind, run, cancel);
            var after = change(stored is null ? new RunNotes() : Read(stored));
            var json = JsonSerializer.Serialize(after, ServerlessJson.Options);
            var etag = stored is null ? await records.InsertAsync(Table, kind, run, json, cancel) : await records.ReplaceAsync(Table, kind, run, json, stored.ETag, cancel);
            if (etag is not null) return after;
        }
    }

    private static RunNotes Read(StoredRecord stored)
    {
        var notes = JsonSerializer.Deserialize<RunNotes>(stored.Json, ServerlessJson.Options);
        return notes is { SchemaVersion: <= KnownSchema } ? notes
            : throw new EnvironmentException($"the notes of run '{stored.Row}' were written by a newer version (schemaVersion {notes?.SchemaVersion}; this one reads up to {KnownSchema}). Update this installation.");
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_./-]{0,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex Key();
}
