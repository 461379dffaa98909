using System.Runtime.CompilerServices;

namespace Serverless.MLNet;

/// <summary>
/// Lets ML.NET's FastTree family train on one thread. Its number of threads belongs to the process and is what the first trainer of the process asked for, whatever a later one asks; with two, a
/// GAM centres its functions with sums in the order in which the threads happen to come, and the same data give another model in the last digits.
/// </summary>
internal static class OneThread
{
    public static TModel Train<TModel>(Func<TModel> fit)
    {
        // ML.NET's own trainings hold this lock too, so none of them sees the one thread.
        lock (TrainLock(null))
        {
            ref var threads = ref Threads(null);
            var before = threads;
            threads = 1;
            try
            {
                return fit();
            }
            finally
            {
                threads = before;
            }
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.StaticField, Name = "_numThreads")]
    private static extern ref int Threads([UnsafeAccessorType("Microsoft.ML.Trainers.FastTree.BlockingThreadPool, Microsoft.ML.FastTree")] object? pool);

    [UnsafeAccessor(UnsafeAccessorKind.StaticField, Name = "TrainLock")]
    private static extern ref readonly object TrainLock([UnsafeAccessorType("Microsoft.ML.Trainers.FastTree.FastTreeShared, Microsoft.ML.FastTree")] object? shared);
}
