"""What a request passes on its way to the analysis; knows neither pixels nor landmarks."""
