using OpenClaw.Exporter;
using OpenClaw.Exporter.Cli;

if (Platform.Refusal(OperatingSystem.IsOSPlatform) is { } refusal)
{
    await Console.Error.WriteLineAsync(refusal);
    return 2;
}

return await ExporterCommand.RunAsync(args, ExporterServer.RunAsync, ExporterServer.DiagnoseAsync);
