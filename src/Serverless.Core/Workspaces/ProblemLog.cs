using Serverless.Problems;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary>Collects what is wrong in all files, so that it can be said at once.</summary>
internal sealed class ProblemLog
{
    public List<Problem> Errors { get; } = [];

    public List<Problem> Warnings { get; } = [];

    public void Error(string file, YamlNode at, string message) => Error(file, at.Line, at.Column, message);

    public void Error(string file, int line, int column, string message) => Errors.Add(new Problem(message, file, line, column));

    public void Warning(string file, YamlNode at, string message) => Warnings.Add(new Problem(message, file, at.Line, at.Column));
}
