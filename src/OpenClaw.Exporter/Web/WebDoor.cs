using System.Net;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.Features;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Web;

/// <summary>
/// The checks that every request passes first: headers, rate, user, and the number of simultaneous requests. A health
/// check without a user is exempt from the rate limit. It costs nothing, and would otherwise use up the rate of
/// scrapers.
/// </summary>
/// <param name="settings">The settings with the users.</param>
/// <param name="requestsAtMost">The limit on simultaneous requests; 0 for no limit.</param>
sealed class WebDoor(CurrentWebSettings settings, int requestsAtMost) : IDisposable
{
    const string Challenge = "Basic realm=\"openclaw-exporter\", charset=\"UTF-8\"";

    readonly Passwords _passwords = new();
    readonly Lock _lock = new();
    RequestRate? _rate;
    TokenBucketRateLimiter? _limiter;
    int _requests;

    /// <summary>Passes a request on, or refuses it.</summary>
    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        var current = settings.Value;
        AddHeaders(context.Response, current);
        var isHealthCheck =
            context.Request.Path == ServedPaths.Alive && context.Request.Headers.Authorization.Count == 0;
        if (!isHealthCheck && !IsWithin(current.Rate))
        {
            await DenyAsync(context, StatusCodes.Status429TooManyRequests, "too many requests");
            return;
        }

        // No endpoint here takes a body. Without this check, the server would read a body to its end and discard it.
        if (
            context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true
            && context.Request.ContentLength != 0
        )
        {
            context.Response.Headers.Connection = "close";
            await DenyAsync(context, StatusCodes.Status413PayloadTooLarge, "requests must not have a body");
            return;
        }

        if (!current.Users.IsEmpty)
        {
            var check = await CheckAsync(context, current);
            if (check == PasswordCheck.Busy)
            {
                await DenyAsync(context, StatusCodes.Status503ServiceUnavailable, "too many logins at once");
                return;
            }

            if (check == PasswordCheck.Wrong)
            {
                context.Response.Headers.WWWAuthenticate = Challenge;
                await DenyAsync(context, StatusCodes.Status401Unauthorized, "user name and password required");
                return;
            }
        }

        try
        {
            if (Interlocked.Increment(ref _requests) > requestsAtMost && requestsAtMost > 0)
            {
                await DenyAsync(
                    context,
                    StatusCodes.Status503ServiceUnavailable,
                    FormattableString.Invariant($"more than {requestsAtMost} requests at once (--web.max-requests)")
                );
            }
            else
            {
                await next(context);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _requests);
        }
    }

    public void Dispose()
    {
        _passwords.Dispose();
        _limiter?.Dispose();
    }

    /// <summary>
    /// Adds the headers just before the response starts, so that the configured headers replace those of an endpoint.
    /// </summary>
    static void AddHeaders(HttpResponse response, WebSettings settings) =>
        response.OnStarting(
            static state =>
            {
                var (response, settings) = ((HttpResponse, WebSettings))state;
                response.Headers.XContentTypeOptions = "nosniff";
                foreach (var (name, value) in settings.Headers)
                    response.Headers[name] = value;
                return Task.CompletedTask;
            },
            (response, settings)
        );

    static Task DenyAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(reason + "\n");
    }

    Task<PasswordCheck> CheckAsync(HttpContext context, WebSettings current) =>
        Credentials(context.Request.Headers.Authorization) is var (user, password)
            ? _passwords.CheckAsync(
                current.Users,
                user,
                password,
                context.Connection.RemoteIpAddress ?? IPAddress.None,
                context.RequestAborted
            )
            : Task.FromResult(PasswordCheck.Wrong);

    /// <summary>
    /// Returns the user and the password of an Authorization header (RFC 7617); null when it has none.
    /// </summary>
    internal static (string User, string Password)? Credentials(string? header)
    {
        const string scheme = "Basic ";
        if (header is null || !header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            return null;
        var bytes = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[scheme.Length..].Trim(), bytes, out var length))
            return null;
        var text = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : (text[..colon], text[(colon + 1)..]);
    }

    bool IsWithin(RequestRate? rate)
    {
        lock (_lock)
        {
            if (rate != _rate)
            {
                _limiter?.Dispose();
                _limiter = rate is null
                    ? null
                    : new(
                        new()
                        {
                            TokenLimit = rate.Burst,
                            TokensPerPeriod = 1,
                            ReplenishmentPeriod = rate.Interval,
                            AutoReplenishment = true,
                        }
                    );
                _rate = rate;
            }

            using var lease = _limiter?.AttemptAcquire();
            return lease is null or { IsAcquired: true };
        }
    }
}
