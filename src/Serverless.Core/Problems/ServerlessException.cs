namespace Serverless.Problems;

/// <summary>Something a person can mend: the message says what happened, where, and what to do.</summary>
public abstract class ServerlessException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The workspace's files are wrong. Carries every problem that was found, not the first.</summary>
public sealed class ConfigurationException(IReadOnlyList<Problem> problems)
    : ServerlessException(string.Join(Environment.NewLine, problems) + Environment.NewLine
        + $"{problems.Count} {(problems.Count == 1 ? "problem" : "problems")}; nothing was changed.")
{
    public IReadOnlyList<Problem> Problems { get; } = problems;
}

/// <summary>The caller asked for something that is not there or cannot be done (unknown name, wrong state, bad argument).</summary>
public class RequestException(string message, Exception? inner = null) : ServerlessException(message, inner);

/// <summary>The caller asked for something that exists and is understood, and the answer is no: an approval that expired, a version that may not be promoted, a champion that somebody else just moved.</summary>
public class RefusedException(string message, Exception? inner = null) : RequestException(message, inner);

/// <summary>The data do not allow what was asked (no partitions, one class, fewer rows than the holdout).</summary>
public class DataException(string message, Exception? inner = null) : ServerlessException(message, inner);

/// <summary>Storage or the machine failed in a way that a retry may not mend (disk full, store of another version, missing native library).</summary>
public sealed class EnvironmentException(string message, Exception? inner = null) : ServerlessException(message, inner);

/// <summary>A file of a model is not what was signed, or not signed by anybody who is trusted. Nothing was made of it.</summary>
public sealed class TamperedException(string message) : DataException(message);
