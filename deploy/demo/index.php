<?php

// The demo's site: a lesson, its last records and a teacher's link. Everybody here is student 7 and a
// teacher, so it belongs on no server with real students.

declare(strict_types=1);

session_start();
$_SESSION['user_id'] = 7;
$module_id = 3;
$section_id = 2;
require_once __DIR__ . '/php/session_token.php';
$service = rtrim((string) getenv('EYE_SERVICE_URL'), '/');
$token = staff_token((string) getenv('SESSION_TOKEN_SECRET'), 'teacher', [$module_id], $service);
$database = new PDO(
    (string) getenv('TRACKING_DB_DSN'),
    (string) getenv('TRACKING_DB_USER'),
    (string) getenv('TRACKING_DB_PASSWORD'),
);
$rows = $database->query(
    'SELECT created_at, user_id, total_time_seconds, focused_time_seconds FROM eye_tracking_sessions'
    . ' ORDER BY id DESC LIMIT 10',
)->fetchAll(PDO::FETCH_NUM);
$text = static fn (mixed $value): string => htmlspecialchars((string) $value, ENT_QUOTES);
?>
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>A lesson</title>
  </head>
  <body>
    <main>
      <h1>A lesson</h1>
      <?php require __DIR__ . '/php/snippet.php'; ?>
      <p>Plants make sugar from light, water and carbon dioxide.</p>
      <p><a href="<?= $text($service . '/dashboard#token=' . $token) ?>">What the teacher sees</a></p>
      <h2>The last records in the site's database</h2>
      <table>
        <tr><th>Began</th><th>Student</th><th>Seconds</th><th>of them focused</th></tr>
        <?php foreach ($rows as $row) : ?>
        <tr><?php foreach ($row as $value) : ?><td><?= $text($value) ?></td><?php endforeach; ?></tr>
        <?php endforeach; ?>
      </table>
    </main>
  </body>
</html>
