using Microsoft.Extensions.Logging;

namespace Serverless.Scheduling;

internal static partial class SchedulingLog
{
    [LoggerMessage(1100, LogLevel.Information, "Model {Model}: {Decision}: {Reason}")]
    public static partial void Decided(ILogger logger, string model, string decision, string reason);

    [LoggerMessage(1101, LogLevel.Error, "Model {Model}: whether to train could not be decided this time")]
    public static partial void ModelSkipped(ILogger logger, string model, Exception exception);

    [LoggerMessage(1102, LogLevel.Information, "Took {File} for dataset {Dataset}: run {Run}")]
    public static partial void Taken(ILogger logger, string dataset, string file, string run);

    [LoggerMessage(1103, LogLevel.Warning, "{File} for dataset {Dataset} is left where it is: {Reason}")]
    public static partial void NotTaken(ILogger logger, string dataset, string file, string reason);

    [LoggerMessage(1104, LogLevel.Warning, "landing has a folder '{Folder}', which is no dataset of this workspace.{Hint} Its files are left alone")]
    public static partial void UnknownFolder(ILogger logger, string folder, string hint);

    [LoggerMessage(1105, LogLevel.Warning, "'{File}' in landing belongs to no dataset; put files directly into landing/<dataset>/")]
    public static partial void LooseFile(ILogger logger, string file);

    [LoggerMessage(1106, LogLevel.Error, "{What} failed; it is tried again in {Delay}")]
    public static partial void LoopFailed(ILogger logger, string what, TimeSpan delay, Exception exception);

    [LoggerMessage(1107, LogLevel.Information, "{Workers} workers started")]
    public static partial void WorkersStarted(ILogger logger, int workers);

    [LoggerMessage(1109, LogLevel.Error, "Dataset {Dataset}: whether its data came could not be looked at this time")]
    public static partial void ArrivalSkipped(ILogger logger, string dataset, Exception exception);

    [LoggerMessage(1108, LogLevel.Information, "Workers stopped")]
    public static partial void WorkersStopped(ILogger logger);

    [LoggerMessage(1110, LogLevel.Information, "Model {Model} is compared with its reference: run {Run}: {Reason}")]
    public static partial void Monitored(ILogger logger, string model, string run, string reason);

    [LoggerMessage(1112, LogLevel.Information, "Model {Model}: batch {Run} begins: {Cause}")]
    public static partial void BatchBegun(ILogger logger, string model, string run, string cause);

    [LoggerMessage(1113, LogLevel.Error, "Model {Model}: whether to score a batch could not be decided this time")]
    public static partial void BatchSkipped(ILogger logger, string model, Exception exception);

    [LoggerMessage(1114, LogLevel.Information, "Took {File} to be scored by {Model}: run {Run}")]
    public static partial void TakenToScore(ILogger logger, string model, string file, string run);

    [LoggerMessage(1115, LogLevel.Warning, "{File}, to be scored by {Model}, is left where it is: {Reason}")]
    public static partial void NotScored(ILogger logger, string model, string file, string reason);

    [LoggerMessage(1111, LogLevel.Error, "Model {Model}: whether to compare it with its reference could not be decided this time")]
    public static partial void MonitorSkipped(ILogger logger, string model, Exception exception);
}
