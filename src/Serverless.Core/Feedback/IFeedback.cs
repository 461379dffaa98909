namespace Serverless.Feedback;

/// <summary>Takes feedback in.</summary>
public interface IFeedback
{
    /// <summary>
    /// Judges each item by itself and stores the good ones, once, before it returns. An item about a prediction that nobody knows is good: it is kept, and joined when the prediction appears.
    /// </summary>
    /// <param name="items">Null where the item could not be read at all; <paramref name="unread"/> says why.</param>
    /// <param name="unread">Items that could not be read, by position.</param>
    /// <param name="by">Who sends it.</param>
    /// <exception cref="Problems.EnvironmentException">The store takes nothing: nothing is accepted, and may be sent again.</exception>
    Task<FeedbackReceipt> AcceptAsync(IReadOnlyList<FeedbackItem?> items, string by, IReadOnlyList<RejectedFeedback>? unread = null, CancellationToken cancel = default);
}
