<?php
// A lesson as a plain PHP site has it: whoever is signed in may take part in the measurement.
session_start();
$module_id = 3;
$section_id = 2;
?>
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Lesson 3: Photosynthesis</title>
  </head>
  <body>
    <main>
      <h1>Lesson 3: Photosynthesis</h1>
      <?php require 'snippet.php'; ?>
      <p>Plants make sugar from light, water and carbon dioxide.</p>
    </main>
  </body>
</html>
