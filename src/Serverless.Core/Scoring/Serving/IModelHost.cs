namespace Serverless.Scoring;

/// <summary>
/// The models that this process serves. Each champion is loaded once and kept; when the alias moves, the next version is loaded beside it and the two are
/// exchanged in one assignment, so a request sees the one or the other and none is dropped. A version that is damaged or missing is not taken: the one
/// before it goes on answering, and an error says so.
/// </summary>
public interface IModelHost
{
    /// <summary>The champion, if it is loaded already: the common case, with nothing to wait for.</summary>
    ServedModel? Loaded(string model);

    /// <summary>The champion, loaded at the first call. Throws <see cref="Problems.RequestException"/> for a name that is not known, <see cref="NoChampionException"/> when nothing can answer.</summary>
    ValueTask<ServedModel> GetAsync(string model, CancellationToken cancel = default);

    /// <summary>Looks at the alias now, and swaps when it has moved.</summary>
    Task RefreshAsync(string model, CancellationToken cancel = default);

    /// <summary>What is served, by model, in ordinal order: also models of the workspace that have nothing to answer with.</summary>
    IReadOnlyList<ModelStatus> Status();
}

/// <param name="Serving">Version that answers; null when none is loaded.</param>
/// <param name="Champion">Version that the alias points at, as last seen.</param>
/// <param name="Problem">Why the champion is not the version that answers; null when all is well.</param>
public sealed record ModelStatus(string Model, int? Serving, int? Champion, string? Problem)
{
    /// <summary>Nothing more to wait for: either something answers, or there is no champion that could.</summary>
    public bool Ready => Serving is not null || Champion is null && Problem is null;
}

/// <summary>The model is known, but no version of it can answer yet.</summary>
/// <param name="damaged">There is a champion, and it cannot be loaded.</param>
public sealed class NoChampionException(string message, bool damaged) : Exception(message)
{
    public bool Damaged { get; } = damaged;
}
