using System.CommandLine;
using System.Globalization;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Cli;

/// <summary>The command healthcheck.</summary>
static class HealthCheckCommand
{
    static string Description =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Checks that the exporter serves, for container engines. It asks the first "
                + $"{ExporterFlags.ListenAddress.Name}. Exit codes: {ExitCodes.Ok} healthy, {ExitCodes.Unhealthy} not."
        );

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var ready = ExporterFlags.Switch("--ready", "false", "Also check that it can read the kernel.");
        var command = new Verb(
            "healthcheck",
            Description,
            "healthcheck",
            "healthcheck --ready --web.listen-address=127.0.0.1:10087"
        )
        {
            ready,
        };
        command.SetAction(
            async (result, stop) =>
            {
                var path = result.GetRequiredValue(ready) ? ServedPaths.Ready : ServedPaths.Alive;
                if (
                    await HealthCheck.RunAsync(result.GetRequiredValue(ExporterFlags.ListenAddress)[0], path, stop)
                    is not { } failure
                )
                {
                    return ExitCodes.Ok;
                }

                Complaint.Print(failure);
                return ExitCodes.Unhealthy;
            }
        );
        return command;
    }
}
