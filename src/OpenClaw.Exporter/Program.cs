using OpenClaw.Exporter;
using OpenClaw.Exporter.Cli;

if (Platform.Refusal(OperatingSystem.IsOSPlatform) is { } refusal)
{
    Complaint.Print(refusal);
    return ExitCodes.Unavailable;
}

StandardOutput.ReplaceConsole();
return await ExporterCommand.RunAsync(args, ExporterServer.RunAsync, ExporterServer.DiagnoseAsync, OwnDiagnoses.Begin);
