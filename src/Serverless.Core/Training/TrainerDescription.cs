using Serverless.Models;

namespace Serverless.Training;

/// <summary>What a model file may say about a trainer, known without loading it (native libraries and ML.NET load at the first fit).</summary>
public sealed record TrainerDescription(string Name, TrainerTraits Traits, IReadOnlyList<TaskKind> Tasks, IReadOnlyList<Hyperparameter> Hyperparameters);
