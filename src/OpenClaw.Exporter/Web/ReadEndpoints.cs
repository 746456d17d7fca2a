namespace OpenClaw.Exporter.Web;

/// <summary>Addresses that are only read.</summary>
static class ReadEndpoints
{
    /// <summary>Maps GET, and HEAD, of which the server leaves the body out.</summary>
    public static void MapRead(this WebApplication application, string path, RequestDelegate answer) =>
        application.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], answer);
}
