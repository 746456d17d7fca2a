using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Web;

namespace OpenClaw.Exporter.Status;

/// <summary>
/// The endpoints for container engines and Kubernetes: whether the exporter serves, and whether it can read any pool.
/// </summary>
static class HealthEndpoints
{
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    public static void MapHealth(this WebApplication application)
    {
        application.MapRead(ServedPaths.Alive, static context => context.Response.WriteAsync("ok\n"));
        application.MapRead(ServedPaths.Ready, static async context =>
        {
            var exposition = await context.RequestServices.GetRequiredService<CurrentExposition>().GetAsync(Timeout);
            if (Unready(exposition.Diagnosis) is { } reason)
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            else
                reason = "ok";
            await context.Response.WriteAsync(reason + "\n");
        });
    }

    /// <summary>Returns the reason why no pool is known; null where at least one is.</summary>
    internal static string? Unready(Diagnosis diagnosis)
    {
        if (diagnosis.Pools.Any(static state => state.Levels.Missing is null))
            return null;
        var failures = diagnosis.Snapshot.Runs.Where(static run => run.Failure is not null).ToArray();
        var worst = failures.FirstOrDefault(static run => run.Failure!.IsUnseen) ?? failures.FirstOrDefault();
        return $"no pool could be read: {worst?.Failure!.Detail ?? "every collector is disabled"}";
    }
}
