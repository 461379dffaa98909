using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Feedback;

/// <summary>How far the feedback of a model was joined.</summary>
internal sealed record JoinState
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary>1, 2, ... with each join.</summary>
    public int Revision { get; init; }

    public DateTimeOffset JoinedAt { get; init; }

    /// <summary>Day of arrival before which every file was read to its end.</summary>
    public DateOnly Since { get; init; }

    /// <summary>Lines read of each file of that day and later.</summary>
    public IReadOnlyDictionary<string, int> Files { get; init; } = new Dictionary<string, int>();

    /// <summary>ETags of the files of the prediction log that were there, of the last days: those that are new may hold what feedback waits for.</summary>
    public IReadOnlyDictionary<string, string> Log { get; init; } = new Dictionary<string, string>();

    /// <summary>Read, but so new that its prediction may still be on its way to the log: looked up next time.</summary>
    public IReadOnlyList<FeedbackEvent> Fresh { get; init; } = [];

    /// <summary>About predictions that are not in the log. Kept until they are.</summary>
    public IReadOnlyList<FeedbackEvent> Waiting { get; init; } = [];

    /// <summary>Events read in all.</summary>
    public long Events { get; init; }
}

/// <param name="ETag">Null when there is none yet.</param>
internal sealed record StoredJoinState(JoinState State, string? ETag);

internal sealed class JoinStates(IObjectStore objects)
{
    private const int KnownSchema = 1;

    public async Task<StoredJoinState> ReadAsync(string stream, CancellationToken cancel)
    {
        // The ETag first: of a state that changes in between, the swap fails.
        if (await objects.HeadAsync(Key(stream), cancel) is not { } head) return new StoredJoinState(new JoinState(), null);
        await using var content = await objects.OpenReadAsync(Key(stream), cancel);
        if (content is null) return new StoredJoinState(new JoinState(), null);
        var state = await JsonSerializer.DeserializeAsync<JoinState>(content, ServerlessJson.Options, cancel) ?? new JoinState();
        return state.SchemaVersion <= KnownSchema ? new StoredJoinState(state, head.ETag)
            : throw new EnvironmentException($"'{Key(stream)}' was written by a newer version (schemaVersion {state.SchemaVersion}; this one reads up to {KnownSchema}). Update this installation.");
    }

    /// <summary>False when somebody else joined meanwhile.</summary>
    public async Task<bool> SwapAsync(string stream, StoredJoinState before, JoinState after, CancellationToken cancel)
    {
        using var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(after, ServerlessJson.Options));
        return (before.ETag is null ? await objects.PutIfAbsentAsync(Key(stream), content, cancel) : await objects.ReplaceAsync(Key(stream), content, before.ETag, cancel)) is not null;
    }

    private static string Key(string stream) => JoinedHours.Folder(stream) + "state.json";
}
