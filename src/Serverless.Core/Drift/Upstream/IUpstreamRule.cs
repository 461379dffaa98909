using Serverless.Drift.Samples;

namespace Serverless.Drift.Upstream;

/// <summary>Recognises one kind of change where the data come from. One file, one test, one registration.</summary>
public interface IUpstreamRule
{
    /// <summary>What it sees in one column that both sides have; nothing when it is not sure.</summary>
    IEnumerable<UpstreamChange> Look(ColumnSample reference, ColumnSample current);
}
