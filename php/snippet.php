<?php

/**
 * All that a lesson's page needs: the eye-tracking element, and the token it asks for.
 *
 *     <?php $module_id = 3; $section_id = 2; require 'snippet.php'; ?>
 *
 * The browser fetches a fresh token from this same file when the student starts, for the student
 * who is signed in: $_SESSION['user_id']. So it lies where the web server runs it, beside
 * session_token.php. Settings, from the environment or from eye_config.php beside it, which
 * returns an array:
 *
 *     EYE_SERVICE_URL       where the service answers: https://eyes.example.org
 *     SESSION_TOKEN_SECRET  the service's own; it never leaves this server
 *     EYE_TOKEN_AUDIENCE    the service's SESSION_TOKEN_AUDIENCE, where that is not its address
 */

declare(strict_types=1);

require_once __DIR__ . '/session_token.php';

(static function (mixed $module_id, mixed $section_id): void {
    $file = __DIR__ . '/eye_config.php';
    $config = is_file($file) ? require $file : [];
    $setting = static fn (string $name): ?string => $config[$name] ?? (getenv($name) ?: null);
    $service = rtrim((string) $setting('EYE_SERVICE_URL'), '/');

    if (realpath((string) $_SERVER['SCRIPT_FILENAME']) === __FILE__) {
        answer_with_token($setting, $service);
        return;
    }
    $root = (string) realpath((string) $_SERVER['DOCUMENT_ROOT']);
    $path = str_replace(DIRECTORY_SEPARATOR, '/', substr(__FILE__, strlen($root)));
    $ids = ['module_id' => $module_id, 'section_id' => $section_id];
    $text = static fn (mixed $value): string => htmlspecialchars((string) $value, ENT_QUOTES);
    printf('<script src="%s/lib/eye-session.iife.js" defer></script>' . "\n", $text($service));
    printf(
        '<eye-session service-url="%s" token-url="%s" module-id="%s" section-id="%s"></eye-session>',
        $text($service),
        $text($path . '?' . http_build_query($ids)),
        $text($module_id),
        $text($section_id),
    );
})($module_id ?? null, $section_id ?? null);

/** The token of the student who is signed in, as JSON; 401 for anybody else. */
function answer_with_token(callable $setting, string $service): void
{
    header('Content-Type: application/json');
    header('Cache-Control: no-store');
    session_start(['read_and_close' => true]);
    $user = $_SESSION['user_id'] ?? null;
    $module = (string) ($_GET['module_id'] ?? '');
    $section = (string) ($_GET['section_id'] ?? '');
    if ($user === null || $module === '') {
        http_response_code($user === null ? 401 : 400);
        echo '{"error": "sign in, and name a module_id"}';
        return;
    }
    $audience = $setting('EYE_TOKEN_AUDIENCE') ?? $service;
    $secret = (string) $setting('SESSION_TOKEN_SECRET');
    $token = session_token($secret, $user, $module, $section === '' ? null : $section, $audience);
    echo json_encode(['token' => $token], JSON_THROW_ON_ERROR);
}
