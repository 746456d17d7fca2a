namespace OpenClaw.Exporter.Web;

/// <summary>Maps addresses that are only read.</summary>
static class ReadEndpoints
{
    /// <summary>Maps GET and HEAD. For HEAD, the server omits the body.</summary>
    public static void MapRead(this WebApplication application, string path, RequestDelegate answer) =>
        application.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], answer);
}
