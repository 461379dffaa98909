namespace Serverless.Search;

/// <summary>Proposes what to try next. Keeps nothing: a trial's proposal follows from the seed, its number and what was seen, so a search can go on in another process.</summary>
internal interface ISampler
{
    /// <summary>As the model file writes it.</summary>
    string Name { get; }

    /// <param name="seen">Finished trials in the order of their numbers.</param>
    /// <param name="trial">The number of the trial, from 0.</param>
    Configuration Next(SearchSpace space, IReadOnlyList<Observation> seen, int trial, int seed);
}
