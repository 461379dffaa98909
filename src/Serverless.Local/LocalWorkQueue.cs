using System.Globalization;
using Microsoft.Data.Sqlite;
using Serverless.Storage;

namespace Serverless.Local;

/// <summary>Queues in SQLite. A receipt is renewed with every delivery, so only the last receiver can renew or complete a message.</summary>
internal sealed class LocalWorkQueue(LocalDatabase database, TimeProvider time) : IWorkQueue
{
    private const string NewReceipt = "lower(hex(randomblob(8)))";
    private const string Visible = "queue = $1 AND visible <= $2";

    public Task EnqueueAsync(string queue, string body, TimeSpan? delay = null, CancellationToken cancel = default)
    {
        QueueRule.CheckMessage(queue, body, delay);
        var visible = In(delay ?? TimeSpan.Zero);
        return RunAsync("send a message", c => c.Change("INSERT INTO messages (queue, body, visible, deliveries) VALUES ($1, $2, $3, 0)", queue, body, visible), cancel);
    }

    public Task<IReadOnlyList<WorkMessage>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancel = default)
    {
        QueueRule.CheckReceive(queue, max, visibility);
        var (now, until) = (In(TimeSpan.Zero), In(visibility));
        return RunAsync<IReadOnlyList<WorkMessage>>("receive messages", c =>
        {
            // Reading first: workers that find nothing do not take the one write lock.
            if (c.Rows($"SELECT 1 FROM messages WHERE {Visible} LIMIT 1", _ => 1, queue, now).Count == 0) return [];
            using var transaction = c.BeginTransaction(deferred: false);
            if (!QueueRule.IsPoison(queue))
            {
                c.Change($"UPDATE messages SET queue = $3, deliveries = 0, receipt = NULL WHERE {Visible} AND deliveries >= $4",
                    queue, now, QueueRule.PoisonOf(queue), IWorkQueue.MaxDeliveries);
            }

            var received = c.Rows($"""
                UPDATE messages SET deliveries = deliveries + 1, visible = $3, receipt = {NewReceipt}
                WHERE id IN (SELECT id FROM messages WHERE {Visible} ORDER BY visible, id LIMIT $4)
                RETURNING id, body, deliveries, receipt
                """, r => (Id: r.GetInt64(0), Body: r.GetString(1), Deliveries: r.GetInt32(2), Receipt: r.GetString(3)), queue, now, until, max);
            transaction.Commit();
            return [.. received.OrderBy(m => m.Id).Select(m => new WorkMessage(queue, m.Id.ToString(CultureInfo.InvariantCulture), m.Body, m.Deliveries, m.Receipt))];
        }, cancel);
    }

    public Task<WorkMessage?> RenewAsync(WorkMessage message, TimeSpan visibility, CancellationToken cancel = default)
    {
        QueueRule.CheckVisibility(visibility);
        return RunAsync("renew a message", c => c.Rows(
            $"UPDATE messages SET visible = $3, receipt = {NewReceipt} WHERE id = $1 AND receipt = $2 RETURNING receipt",
            r => message with { Receipt = r.GetString(0) }, Id(message), message.Receipt, In(visibility)).SingleOrDefault(), cancel);
    }

    public Task<bool> CompleteAsync(WorkMessage message, CancellationToken cancel = default) =>
        RunAsync("complete a message", c => c.Change("DELETE FROM messages WHERE id = $1 AND receipt = $2", Id(message), message.Receipt) == 1, cancel);

    public Task<int> CountAsync(string queue, CancellationToken cancel = default)
    {
        QueueRule.CheckQueue(queue);
        return RunAsync("count messages", c => c.Rows("SELECT COUNT(*) FROM messages WHERE queue = $1", r => r.GetInt32(0), queue).Single(), cancel);
    }

    private long In(TimeSpan span) => (time.GetUtcNow() + span).ToUnixTimeMilliseconds();

    private static long Id(WorkMessage message) => long.Parse(message.Id, CultureInfo.InvariantCulture);

    private Task<T> RunAsync<T>(string activity, Func<SqliteConnection, T> work, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult(database.Run(activity, work));
    }
}
