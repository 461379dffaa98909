using Serverless.Training;

namespace Serverless.Fairness;

/// <summary>What trainings found when they compared answers by group.</summary>
public interface IFairnessReports
{
    /// <summary>Of a train run; null when its model file named no groups, or the run left nothing.</summary>
    Task<FairnessReport?> FindAsync(string run, CancellationToken cancel = default);
}

internal sealed class FairnessReports(CandidateStore candidates) : IFairnessReports
{
    public async Task<FairnessReport?> FindAsync(string run, CancellationToken cancel = default) => (await candidates.FindAsync(run, cancel))?.Fairness;
}
