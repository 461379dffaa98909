using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Incidents;

/// <summary>Incidents in the record store: the heads in one partition, replaced by compare-and-swap; each timeline in a partition of its own, only ever inserted into.</summary>
internal sealed class IncidentRecords(IRecordStore records, TimeProvider time, IdSource ids) : IIncidents
{
    private const string Table = StoreNames.Tables.Incidents;

    // No incident can have this id.
    private const string Heads = "_head";
    private const int KnownSchema = 1;
    private const int MaxText = 20_000;

    public async Task<IReadOnlyList<Incident>> ListAsync(CancellationToken cancel = default)
    {
        var found = new List<Incident>();
        await foreach (var stored in records.QueryAsync(Table, Heads, cancel: cancel)) found.Add(Read<Incident>(stored, i => i.SchemaVersion));
        found.Reverse();
        return found;
    }

    public async Task<Incident?> FindAsync(string id, CancellationToken cancel = default)
    {
        if (id.Length is 0 or > 64 || !id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')) return null;
        if (await GetAsync(id, cancel) is { } exact) return exact.Incident;
        var like = new List<StoredRecord>();
        foreach (var prefix in new[] { id, $"inc-{id}" }.Where(p => p.StartsWith("inc-", StringComparison.Ordinal)))
        {
            await foreach (var stored in records.QueryAsync(Table, Heads, prefix: prefix, cancel: cancel)) like.Add(stored);
        }

        return like.Count switch
        {
            0 => null,
            1 => Read<Incident>(like[0], i => i.SchemaVersion),
            _ => throw new RequestException($"{like.Count} incidents begin with '{id}': {string.Join(", ", like.Take(5).Select(l => l.Row))}. Write more of it."),
        };
    }

    public async Task<IReadOnlyList<TimelineEntry>> TimelineAsync(string id, CancellationToken cancel = default)
    {
        var found = new List<TimelineEntry>();
        await foreach (var stored in records.QueryAsync(Table, id, cancel: cancel)) found.Add(Read<TimelineEntry>(stored, e => e.SchemaVersion));
        return found;
    }

    public async Task<Incident> OpenAsync(NewIncident incident, string by, CancellationToken cancel = default)
    {
        var now = time.GetUtcNow();
        var began = incident.BeganAt ?? now;
        if (began > now) throw new RequestException($"an incident cannot begin in the future ({Time(began)}).");
        var head = new Incident
        {
            Id = NewId(now, ids.Next(6)), Title = Text("title", incident.Title)!, Severity = incident.Severity, Status = IncidentStatus.Open, BeganAt = began, DetectedAt = now, OpenedBy = by,
            Category = incident.Category, Impact = Text("impact", incident.Impact), Subjects = incident.Subjects, UpdatedAt = now,
        };
        while (!await InsertAsync(head, cancel)) head = head with { Id = NewId(now, ids.Next(6)) };
        await AddAsync(head.Id, new TimelineEntry(now, by, $"opened: {head.Title}"), ids.Next(8), cancel);
        return head;
    }

    public async Task<Incident> UpdateAsync(string id, IncidentChange change, string by, CancellationToken cancel = default)
    {
        var said = new List<string>();
        var after = await ReplaceAsync(await RequireAsync(id, cancel), head =>
        {
            said.Clear();
            return Change(head, change, said);
        }, cancel);
        await AddAsync(after.Id, new TimelineEntry(time.GetUtcNow(), by, string.Join('\n', said)), ids.Next(8), cancel);
        return after;
    }

    public async Task<Incident> CloseAsync(string id, string? comment, string by, CancellationToken cancel = default)
    {
        var now = time.GetUtcNow();
        var after = await ReplaceAsync(await RequireAsync(id, cancel), head => head.Status == IncidentStatus.Closed
            ? throw new RequestException($"incident '{head.Id}' was closed at {Time(head.ClosedAt!.Value)} by {head.ClosedBy} already.")
            : head with { Status = IncidentStatus.Closed, ClosedAt = now, ClosedBy = by, OverAt = head.OverAt ?? now, UpdatedAt = now }, cancel);
        await AddAsync(after.Id, new TimelineEntry(now, by, comment is { Length: > 0 } ? $"closed: {Text("comment", comment)}" : "closed"), ids.Next(8), cancel);
        return after;
    }

    internal static string NewId(DateTimeOffset at, string suffix) => $"inc-{at.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture)}-{suffix}";

    /// <summary>False when an incident of that id exists.</summary>
    internal async Task<bool> InsertAsync(Incident head, CancellationToken cancel) => await records.InsertAsync(Table, Heads, head.Id, Write(head), cancel) is not null;

    /// <summary>Appends to the timeline; the same <paramref name="key"/> at the same time is kept once.</summary>
    internal Task AddAsync(string id, TimelineEntry entry, string key, CancellationToken cancel)
    {
        var suffix = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 6));
        return records.InsertAsync(Table, id, $"{entry.At.UtcDateTime.ToString("yyyyMMddHHmmssfff", CultureInfo.InvariantCulture)}-{suffix}", Write(entry), cancel);
    }

    internal async Task<Incident> ReplaceAsync(string id, Func<Incident, Incident> change, CancellationToken cancel)
    {
        while (true)
        {
            var (before, etag) = await GetAsync(id, cancel) ?? throw Unknown(id);
            var after = change(before);
            if (ReferenceEquals(after, before) || await records.ReplaceAsync(Table, Heads, id, Write(after), etag, cancel) is not null) return after;
        }
    }

    internal async Task<(Incident Incident, string ETag)?> GetAsync(string id, CancellationToken cancel) =>
        await records.GetAsync(Table, Heads, id, cancel) is { } stored ? (Read<Incident>(stored, i => i.SchemaVersion), stored.ETag) : null;

    private Incident Change(Incident head, IncidentChange change, List<string> said)
    {
        var now = time.GetUtcNow();
        var after = head;
        if (Text("title", change.Title) is { } title) Say($"title: {title}", after = after with { Title = title });
        if (change.Severity is { } severity) Say($"severity: {Word(severity)}", after = after with { Severity = severity });
        if (Text("impact", change.Impact) is { } impact) Say($"impact: {impact}", after = after with { Impact = impact });
        if (Text("cause", change.Cause) is { } cause) Say($"cause: {cause}", after = after with { Cause = cause });
        if (change.Category is { } category) Say($"category: {Word(category)}", after = after with { Category = category });
        if (change.BeganAt is { } began) Say($"began at {Time(began)}", after = after with { BeganAt = began });
        if (change.OverAt is { } over) Say($"over since {Time(over)}", after = after with { OverAt = over });
        if (after.BeganAt > now || after.OverAt > now) throw new RequestException("an incident cannot begin or end in the future.");
        if (after.OverAt < after.BeganAt) throw new RequestException($"the incident would be over ({Time(after.OverAt.Value)}) before it began ({Time(after.BeganAt)}).");
        foreach (var action in change.Actions) Say($"action: {Text("action", action.Text)}", after = after with { Actions = [.. after.Actions, action] });
        foreach (var number in change.Done)
        {
            if (number < 1 || number > after.Actions.Count)
            {
                throw new RequestException($"incident '{head.Id}' has no action {number}; it has {(after.Actions.Count == 0 ? "none" : $"1 to {after.Actions.Count}")}.");
            }

            Say($"done: {after.Actions[number - 1].Text}", after = after with { Actions = [.. after.Actions.Select((a, i) => i == number - 1 ? a with { DoneAt = now } : a)] });
        }

        if (Text("note", change.Note) is { } note) said.Add(note);
        if (said.Count == 0) throw new RequestException("nothing is said that would change the incident: give an impact, a cause, a category, an action or a note.");
        return after with { UpdatedAt = now };

        void Say(string line, Incident _) => said.Add(line);
    }

    private async Task<string> RequireAsync(string id, CancellationToken cancel) => (await FindAsync(id, cancel) ?? throw Unknown(id)).Id;

    private static RequestException Unknown(string id) => new($"there is no incident '{id}'. 'serverless-ml incidents' lists them.");

    private static string? Text(string what, string? text) => text is null ? null
        : string.IsNullOrWhiteSpace(text) ? throw new RequestException($"the {what} is empty.")
        : text.Length > MaxText ? throw new RequestException($"the {what} has {text.Length} characters; at most {MaxText} are kept.")
        : text.Trim();

    private static string Time(DateTimeOffset at) => Serverless.Alerts.AlertText.Time(at);

    private static string Word(Enum value) => value.ToString().ToLowerInvariant();

    private static string Write<T>(T value) => JsonSerializer.Serialize(value, ServerlessJson.Options);

    private static T Read<T>(StoredRecord stored, Func<T, int> schema)
    {
        try
        {
            var value = JsonSerializer.Deserialize<T>(stored.Json, ServerlessJson.Options)!;
            return schema(value) <= KnownSchema ? value
                : throw new EnvironmentException($"incident record '{stored.Row}' was written by a newer version (schemaVersion {schema(value)}; this one reads up to {KnownSchema}). Update this installation.");
        }
        catch (JsonException e)
        {
            throw new EnvironmentException($"the incident record '{stored.Row}' is damaged: {e.Message}", e);
        }
    }
}
