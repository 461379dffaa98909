using Serverless.Datasets;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Testing;
using Serverless.Training;

namespace Serverless.Core.Tests.Training;

public sealed class ModelFitTests
{
    [Fact]
    public async Task Train_LearningRateBeyondReason_EndsWithTheReasonAndRegistersNothing()
    {
        using var fixture = new TrainFixture(TrainFixture.Binary(("learning-rate", "1e300")) with
        {
            Task = TaskKind.Regression, Label = new ExpressionText("delay"), Gate = new GateDefinition(),
        }).WithDays(12);
        var (record, _) = await fixture.TrainAsync();
        record.Status.ShouldBe(RunStatus.Failed);
        record.Reason.ShouldBe("trainer 'half' diverged: it learned numbers that are not finite. Nothing was stored. Try a smaller 'learning-rate', or features and labels without extreme values");
        (await fixture.Registry.VersionsAsync("late")).ShouldBeEmpty();
        (await fixture.Objects.KeysAsync("models/")).ShouldBeEmpty();
        (await fixture.Objects.KeysAsync($"runs/{record.Id}/")).ShouldBeEmpty();
    }

    // Finite, and beyond all measure.
    [Fact]
    public void Run_RegressionThatAnswersFarBeyondEveryLabel_SaysThatItDiverged()
    {
        var (trainer, set, labels, ticks) = Rows();
        var wild = new Wild();
        Should.Throw<DataException>(() => ModelFit.Run(wild, TrainFixture.Binary() with { Task = TaskKind.Regression }, set with { Task = TaskKind.Regression }, labels, ticks, Settings(trainer), null, CancellationToken.None))
            .Message.ShouldBe("trainer 'wild' diverged: it answers a training row with 1E+111, where no label is beyond 19. Nothing was stored. Try a smaller 'learning-rate', or features and labels without extreme values");
    }

    private sealed class Wild : ITrainer
    {
        public string Name => "wild";

        public TrainerTraits Traits { get; } = new(NativeMissing: true, NativeCategories: true, NeedsScaling: false);

        public IReadOnlyList<Hyperparameter> Hyperparameters { get; } = [new("learning-rate", 1, 0, 10, false, "Length of a step.")];

        public bool Supports(TaskKind task) => true;

        public IPredictor Fit(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, IProgress<double>? progress, CancellationToken cancel) => new ConstantPredictor([1e111]);
    }

    [Fact]
    public void Run_EarlyStopping_LooksAtTheLastRowsByTimeOnlyAndRefits()
    {
        var (trainer, set, labels, ticks) = Rows();
        var fitted = ModelFit.Run(trainer, Model(refit: true), set, labels, ticks, Settings(trainer), null, CancellationToken.None);
        // 20 training rows: the last fifth by time are those of ticks 16 to 19, wherever they stand.
        trainer.Aside.Labels.ShouldBe([19, 18, 17, 16]);
        trainer.Learned.Labels.Max().ShouldBe(15);
        trainer.Learned.Weights.ShouldBeNull();
        fitted.Stopping.ShouldBe(new StoppedEarly(7, 12, 0.25, 16, 4, true));
        // Refit: all rows, as many iterations as were best.
        ((ConstantPredictor)fitted.Predictor).Values.ShouldBe([7, 20]);
    }

    [Fact]
    public void Run_EarlyStoppingWithoutRefit_KeepsTheModelThatNeverSawTheLastRows()
    {
        var (trainer, set, labels, ticks) = Rows();
        var fitted = ModelFit.Run(trainer, Model(refit: false), set, labels, ticks, Settings(trainer), null, CancellationToken.None);
        ((ConstantPredictor)fitted.Predictor).Values.ShouldBe([7, 16]);
    }

    // Rows stand in another order than their times; holdout rows (the last of the table) are not among them.
    private static (Stopping Trainer, TrainingSet Set, LabelledRows Labels, long[] Ticks) Rows()
    {
        long[] ticks = [.. Enumerable.Range(0, 20).Select(i => 19L - i), 100, 101];
        int[] train = [.. Enumerable.Range(0, 20)];
        var set = new TrainingSet
        {
            Task = TaskKind.Regression, Classes = 0, Labels = [.. train.Select(i => (float)ticks[i])], Features = new FeatureMatrix([.. train.Select(i => (float)i)], 20, [new FeatureSlot("x", 0, false)]),
        };
        return (new Stopping(), set, new LabelledRows(train, [.. set.Labels.Select(l => (double)l)], [20, 21], [100, 101], [], null), ticks);
    }

    private static ModelDefinition Model(bool refit) => TrainFixture.Binary() with
    {
        Task = TaskKind.Regression,
        Trainer = new TrainerDefinition("stopping", new Dictionary<string, Parameter>(), 42, 1, 1) { EarlyStopping = new EarlyStoppingDefinition(5, 0.2, refit, 1, 1) },
    };

    private static Dictionary<string, double> Settings(ITrainer trainer) => trainer.Hyperparameters.ToDictionary(h => h.Name, h => h.Default);

    // Answers with its iterations and the number of rows that it saw.
    private sealed class Stopping : IEarlyStoppingTrainer
    {
        public TrainingSet Learned { get; private set; } = null!;

        public TrainingSet Aside { get; private set; } = null!;

        public string Name => "stopping";

        public TrainerTraits Traits { get; } = new(true, true, false) { EarlyStopping = true };

        public IReadOnlyList<Hyperparameter> Hyperparameters { get; } = [new("iterations", 50, 1, 1000, true, "")];

        public bool Supports(TaskKind task) => true;

        public StoppingPoint FindBest(TrainingSet set, TrainingSet later, int rounds, IReadOnlyDictionary<string, double> hyperparameters, int seed, IProgress<double>? progress, CancellationToken cancel)
        {
            (Learned, Aside) = (set, later);
            rounds.ShouldBe(5);
            return new StoppingPoint(new ConstantPredictor([7, set.Features.Rows]), 7, 12, 0.25);
        }

        public IPredictor Fit(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, IProgress<double>? progress, CancellationToken cancel) =>
            new ConstantPredictor([hyperparameters["iterations"], set.Features.Rows]);
    }
}
