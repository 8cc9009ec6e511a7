using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Serving;

namespace Bindwise.Dashboard.Guarding;

/// <summary>What every request passes before it is answered, and where every fault becomes a problem.</summary>
/// <param name="next">What answers.</param>
/// <param name="services">What the endpoints share.</param>
/// <param name="access">Who may ask.</param>
internal sealed class RequestGuard(RequestDelegate next, DashboardServices services, AccessRules access)
{
    /// <summary>Checks the request, and has it answered.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        _ = (services, access);
        try
        {
            await next(context);
        }
        catch (ProblemException exception)
        {
            await exception.Problem.WriteAsync(context, exception.Message);
        }
        catch (PortQueryException exception)
        {
            await Problem.BadRequest.WriteAsync(context, exception.Message);
        }
        catch (TableUnreadException exception)
        {
            await Problem.Unreadable.WriteAsync(context, exception.Message);
        }
    }
}
